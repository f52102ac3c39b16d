using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Gateway.Contracts.Commands;
using MassTransit;

namespace Gateway.Tests.Execution.Doubles;

/// <summary>As much of a delivery as the consumer looks at.</summary>
[SuppressMessage("Performance", "CA1852:Seal internal types", Justification = "The proxy is a subclass made at run time.")]
internal class Delivery : DispatchProxy
{
    private RunClaudeRequest? _message;
    private CancellationToken _token;

    public static ConsumeContext<RunClaudeRequest> Of(RunClaudeRequest message, CancellationToken token)
    {
        var context = Create<ConsumeContext<RunClaudeRequest>, Delivery>();
        (((Delivery)(object)context)._message, ((Delivery)(object)context)._token) = (message, token);
        return context;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod?.Name switch
    {
        "get_Message" => _message,
        "get_CancellationToken" => _token,
        "TryGetPayload" => false,
        _ => throw new NotSupportedException(targetMethod?.Name),
    };
}

using System.Data.Common;
using MassTransit;
using MassTransit.Middleware;

namespace Gateway.Hosting.Transports;

/// <summary>
/// Writes on a message that is set aside which kinds of faults it met, and no word of theirs: the text of an exception may hold a piece
/// of the message, which is then read by everybody who looks at a queue. The whole of it is in the log of the process that failed.
/// </summary>
internal sealed class FaultKinds : IFilter<ExceptionReceiveContext>
{
    public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        // The stack beside it stays: it has names of methods alone.
        context.ExceptionHeaders.Set(MessageHeaders.FaultMessage, Of(context.Exception));
        return next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("faultKinds");

    /// <summary>The types of a fault and of its causes, the outermost first; of a database's with its code.</summary>
    internal static string Of(Exception fault)
    {
        var kind = fault is DbException { SqlState: { Length: > 0 } code } ? $"{fault.GetType().Name}({code})" : fault.GetType().Name;
        return fault.InnerException is { } cause ? $"{kind}<-{Of(cause)}" : kind;
    }
}

/// <summary>Puts <see cref="FaultKinds"/> on the way to a queue of errors.</summary>
internal static class FaultKindsExtensions
{
    /// <summary>What this endpoint sets aside names kinds of faults alone.</summary>
    /// <param name="endpoint">An endpoint whose faulted messages are kept.</param>
    public static void TellKindsOfFaultsAlone(this IReceivePipelineConfigurator endpoint) => endpoint.ConfigureError(pipe =>
    {
        // MassTransit's own two are there no more as soon as there is one of ours.
        pipe.UseFilter(new GenerateFaultFilter());
        pipe.UseFilter(new FaultKinds());
        pipe.UseFilter(new ErrorTransportFilter());
    });
}

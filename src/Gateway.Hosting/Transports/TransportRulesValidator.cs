using Gateway.Hosting.Transports.RabbitMq;
using Microsoft.Extensions.Options;

namespace Gateway.Hosting.Transports;

/// <summary>Names every fault of <see cref="TransportOptions"/> at once, and never a password.</summary>
internal sealed class TransportRulesValidator : IValidateOptions<TransportOptions>
{
    public ValidateOptionsResult Validate(string? name, TransportOptions options)
    {
        var faults = TransportOptions.KindOf(options.Kind) switch
        {
            null => [$"Transport:Kind must be {string.Join(" or ", Enum.GetNames<TransportKind>())}, not '{options.Kind}'."],
            TransportKind.RabbitMq => RabbitMqRules.FaultsOf(options.RabbitMq),
            _ => [],
        };
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}

using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Dispatch;

/// <summary>A limit that was set under its old name must not be lost in silence.</summary>
internal sealed class DispatchMovedValidator : IValidateOptions<DispatchOptions>
{
    public ValidateOptionsResult Validate(string? name, DispatchOptions options) => options.MaxRunningPerTenant is { } most
        ? ValidateOptionsResult.Fail($"{DispatchOptions.Section}:{nameof(options.MaxRunningPerTenant)} is Quotas:Default:Running by now: set {most} there, and leave this one out.")
        : ValidateOptionsResult.Success;
}

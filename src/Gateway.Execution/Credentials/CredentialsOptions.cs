using Microsoft.Extensions.Options;

namespace Gateway.Execution.Credentials;

/// <summary>Section <c>Credentials</c>: the credentials of this worker by name.</summary>
public sealed class CredentialsOptions() : Dictionary<string, CredentialOptions>(StringComparer.OrdinalIgnoreCase)
{
    /// <summary>The section's name.</summary>
    public const string Section = "Credentials";

    /// <summary>The credential of Claude Code where a call names none.</summary>
    public const string Default = "default";
}

/// <summary>Refuses settings at start, naming them. Whether files can be read is judged at each run: they may come later.</summary>
internal sealed class CredentialsValidator : IValidateOptions<CredentialsOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, CredentialsOptions options)
    {
        List<string> faults = [];
        foreach (var (key, credential) in options)
        {
            var place = $"{CredentialsOptions.Section}:{key}";
            if (!CredentialOptions.Kinds.Contains(credential.Kind))
            {
                faults.Add($"{place}:Kind must be one of {string.Join(", ", CredentialOptions.Kinds)}.");
            }
            else if (credential.Kind is "api_key" or "auth_token" && !Path.IsPathRooted(credential.File))
            {
                faults.Add($"{place}:File must be an absolute path.");
            }
            else if (credential.Kind == "helper" && !Path.IsPathRooted(credential.Command))
            {
                faults.Add($"{place}:Command must be an absolute path.");
            }

            if (credential.CacheFor < TimeSpan.Zero || credential.CacheFor > TimeSpan.FromHours(1))
            {
                faults.Add($"{place}:CacheFor must be from 0 to 1 hour.");
            }
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}

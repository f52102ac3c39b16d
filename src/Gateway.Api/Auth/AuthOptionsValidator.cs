using Gateway.Api.Auth.Tokens;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Auth;

/// <summary>A misspelt scope stops the start: it would otherwise be a right that silently is not there.</summary>
internal sealed class AuthOptionsValidator : IValidateOptions<AuthOptions>
{
    public ValidateOptionsResult Validate(string? name, AuthOptions options)
    {
        string[] faults = [.. ScopeFaults(options), .. PlaceFaults(options), .. IssuerRules.FaultsOf(options.Issuers)];
        return faults.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> ScopeFaults(AuthOptions options)
    {
        if (options.Granted.Count == 0)
        {
            return [$"Auth:Scopes holds no scope. Leave it out, or choose of: {string.Join(", ", Scopes.All)}."];
        }

        var unknown = options.Granted.FirstOrDefault(s => !Scopes.All.Contains(s, StringComparer.Ordinal));
        return unknown is null ? [] : [$"Auth:Scopes holds '{unknown}'. Known scopes: {string.Join(", ", Scopes.All)}."];
    }

    private static IEnumerable<string> PlaceFaults(AuthOptions options)
    {
        if (options.PepperFile is { Length: > 0 } file && !Path.IsPathRooted(file))
        {
            yield return $"Auth:PepperFile must be an absolute path, not '{file}'.";
        }

        if (options.Resource is { } resource && !IssuerRules.IsSafe(resource))
        {
            yield return $"Auth:Resource must be an https URL (or http on loopback), not '{resource}'.";
        }
    }
}

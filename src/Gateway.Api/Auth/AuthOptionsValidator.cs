using Microsoft.Extensions.Options;

namespace Gateway.Api.Auth;

/// <summary>A misspelt scope stops the start: it would otherwise be a right that silently is not there.</summary>
internal sealed class AuthOptionsValidator : IValidateOptions<AuthOptions>
{
    public ValidateOptionsResult Validate(string? name, AuthOptions options)
    {
        if (options.Granted.Count == 0)
        {
            return ValidateOptionsResult.Fail($"Auth:Scopes holds no scope. Leave it out, or choose of: {string.Join(", ", Scopes.All)}.");
        }

        var unknown = options.Granted.Where(s => !Scopes.All.Contains(s, StringComparer.Ordinal)).ToArray();
        return unknown.Length == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Auth:Scopes holds '{unknown[0]}'. Known scopes: {string.Join(", ", Scopes.All)}.");
    }
}

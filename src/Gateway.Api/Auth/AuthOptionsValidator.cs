using Microsoft.Extensions.Options;

namespace Gateway.Api.Auth;

/// <summary>A misspelt scope stops the start: it would otherwise be a right that silently is not there.</summary>
internal sealed class AuthOptionsValidator : IValidateOptions<AuthOptions>
{
    public ValidateOptionsResult Validate(string? name, AuthOptions options)
    {
        var unknown = options.Scopes.Where(s => !Scopes.All.Contains(s, StringComparer.Ordinal)).ToArray();
        return unknown.Length == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Auth:Scopes holds '{unknown[0]}'. Known scopes: {string.Join(", ", Scopes.All)}.");
    }
}

using System.Globalization;
using Gateway.Api.Auth;

namespace Gateway.Api.Admin;

/// <summary>The keys of callers.</summary>
internal sealed class AdminKeyRoutes(KeyDesk keys, Identities identities, TimeProvider clock)
{
    private const int MostNameChars = 64;
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(3650);
    private static readonly TimeSpan LongestOverlap = TimeSpan.FromDays(30);
    private static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    public async Task ListAsync(HttpContext context)
    {
        var now = clock.GetUtcNow();
        var list = (await keys.ListAsync(context.RequestAborted)).Select(key => AdminKey.Of(key, identities, now));
        await AdminReply.WriteAsync(context, new AdminKeys([.. list]), AdminJson.Default.AdminKeys);
    }

    public async Task CreateAsync(HttpContext context)
    {
        var faults = new List<string>();
        var (label, tenant) = (NameOf(context, "label", faults), NameOf(context, "tenant", faults));
        var scopes = ScopesOf(context, faults);
        var lifetime = SpanOf(context, "expires", LongestLife, faults);
        if (faults.Count > 0)
        {
            await AdminReply.RefuseAsync(context, StatusCodes.Status400BadRequest, string.Join('\n', faults));
            return;
        }

        await ShowOnceAsync(context, await keys.CreateAsync(label, tenant, scopes, lifetime, AdminActs.NameOf(context), context.RequestAborted));
    }

    public async Task RotateAsync(HttpContext context)
    {
        var faults = new List<string>();
        var overlap = SpanOf(context, "overlap", LongestOverlap, faults) ?? Overlap;
        if (faults.Count > 0)
        {
            await AdminReply.RefuseAsync(context, StatusCodes.Status400BadRequest, string.Join('\n', faults));
        }
        else if (IdOf(context) is { } id && await keys.RotateAsync(id, overlap, AdminActs.NameOf(context), context.RequestAborted) is { } made)
        {
            await ShowOnceAsync(context, made);
        }
        else
        {
            await AdminReply.RefuseAsync(context, StatusCodes.Status404NotFound, $"There is no valid key {context.Request.RouteValues["id"]}. See gateway keys list.");
        }
    }

    public async Task RevokeAsync(HttpContext context)
    {
        var key = IdOf(context) is { } id ? await keys.RevokeAsync(id, AdminActs.NameOf(context), context.RequestAborted) : null;
        await (key is null
            ? AdminReply.RefuseAsync(context, StatusCodes.Status404NotFound, $"There is no key {context.Request.RouteValues["id"]}. See gateway keys list.")
            : AdminReply.WriteAsync(context, AdminKey.Of(key, identities, clock.GetUtcNow()), AdminJson.Default.AdminKey));
    }

    private Task ShowOnceAsync(HttpContext context, (Gateway.Jobs.Keys.StoredKey Key, string Text) made) =>
        AdminReply.WriteAsync(context, AdminKey.Of(made.Key, identities, clock.GetUtcNow(), made.Text), AdminJson.Default.AdminKey);

    private static Guid? IdOf(HttpContext context) => Guid.TryParse(context.Request.RouteValues["id"] as string, out var id) ? id : null;

    private static string NameOf(HttpContext context, string name, List<string> faults)
    {
        var text = context.Request.Query[name].ToString();
        if (text.Length is 0 or > MostNameChars || !text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-'))
        {
            faults.Add($"{name} must be 1 to {MostNameChars} of the characters A-Z a-z 0-9 _ . -, not '{text}'.");
        }

        return text;
    }

    private static string[] ScopesOf(HttpContext context, List<string> faults)
    {
        var text = context.Request.Query["scopes"].ToString();
        string[] scopes = text.Length == 0 ? [.. Scopes.OfEmbeddedKey] : [.. AuthOptions.Split(text).Distinct(StringComparer.Ordinal)];
        faults.AddRange(scopes.Except(Scopes.All).Select(unknown => $"scopes holds '{unknown}'. Known scopes: {string.Join(", ", Scopes.All)}."));
        return scopes;
    }

    /// <summary>A length such as <c>90d</c>; null when none is given.</summary>
    private static TimeSpan? SpanOf(HttpContext context, string name, TimeSpan most, List<string> faults)
    {
        var text = context.Request.Query[name].ToString();
        if (text.Length == 0)
        {
            return null;
        }

        var unit = text[^1] switch { 'd' => TimeSpan.FromDays(1), 'h' => TimeSpan.FromHours(1), 'm' => TimeSpan.FromMinutes(1), _ => TimeSpan.Zero };
        if (unit > TimeSpan.Zero && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most / unit && (number > 0 || name == "overlap"))
        {
            return number * unit;
        }

        faults.Add($"{name} must be a number of days, hours or minutes such as 90d, 12h or 30m, at most {(int)most.TotalDays}d, not '{text}'.");
        return null;
    }
}

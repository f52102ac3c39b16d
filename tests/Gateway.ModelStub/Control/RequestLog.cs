using System.Security.Cryptography;
using System.Text;
using Gateway.ModelStub.Messages;
using Gateway.ModelStub.Scenarios;

namespace Gateway.ModelStub.Control;

/// <summary>The last requests, with keys taken out.</summary>
internal sealed class RequestLog
{
    private const int Kept = 1000;
    private const int KeptCharacters = 20_000;
    private const int KeptTurns = 50;
    private const int KeptTurnCharacters = 200;
    private readonly Queue<LoggedRequest> _requests = new();
    private readonly Lock _lock = new();
    private int _number;

    public void Add(HttpRequest http, ModelRequest? request, string body)
    {
        var (header, key) = KeyOf(http);
        string Clean(string? text) => Short(key is { Length: > 0 } ? (text ?? "").Replace(key, "[key]", StringComparison.Ordinal) : text ?? "");
        var hash = key is null ? null : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..12];
        lock (_lock)
        {
            _requests.Enqueue(new LoggedRequest(
                ++_number, http.Method, http.Path, request is null ? "" : ScenarioBook.NameOf(request), request?.SessionId ?? "", request?.Step ?? 0,
                request?.Model ?? "", request?.Streaming ?? false, Clean(request?.Prompt), Clean(request?.LastToolResult), header, hash,
                key is { Length: > 0 } && body.Contains(key, StringComparison.Ordinal),
                [.. (request?.Earlier ?? []).TakeLast(KeptTurns).Select(Clean).Select(text => text.Length <= KeptTurnCharacters ? text : text[..KeptTurnCharacters])]));
            if (_requests.Count > Kept)
            {
                _requests.Dequeue();
            }
        }
    }

    public IReadOnlyList<LoggedRequest> Read()
    {
        lock (_lock)
        {
            return [.. _requests];
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _requests.Clear();
        }
    }

    private static (string Header, string? Key) KeyOf(HttpRequest http)
    {
        foreach (var header in (string[])["x-api-key", "x-goog-api-key"])
        {
            if (http.Headers.TryGetValue(header, out var key))
            {
                return (header, key.ToString());
            }
        }

        return http.Headers.Authorization.ToString() is { Length: > 0 } bearer ? ("authorization", bearer.Split(' ', 2)[^1]) : ("none", null);
    }

    private static string Short(string text) => text.Length <= KeptCharacters ? text : text[..KeptCharacters];
}

using System.Net;
using System.Text.Json;
using Xunit;

namespace Gateway.EndToEndTests.Doubles;

/// <summary>What tests rely on when they steer the model stub itself.</summary>
public sealed class ModelStubSpecs(ModelStubProcess stub) : IClassFixture<ModelStubProcess>
{
    private readonly string _session = Guid.NewGuid().ToString();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_gated_answer_comes_only_after_its_release(bool stream)
    {
        var gate = Guid.NewGuid().ToString("N");
        var answer = stub.AskAsync($"[[stub:gate {gate}]] [[stub:text open]]", _session, stream, Token);

        await stub.ReachedAsync(gate, Token);
        Assert.False(answer.IsCompleted);
        await stub.ReleaseAsync(gate, Token);

        Assert.Contains("open", await (await answer).Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_first_requests_fail_when_the_scenario_names_their_number()
    {
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 3; i++)
        {
            using var answer = await stub.AskAsync("[[stub:429 2 7]]", _session, false, Token);
            statuses.Add(answer.StatusCode);
            Assert.Equal(i < 2 ? TimeSpan.FromSeconds(7) : null, answer.Headers.RetryAfter?.Delta);
        }

        Assert.Equal([HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests, HttpStatusCode.OK], statuses);
    }

    [Fact]
    public async Task The_log_tells_that_a_key_leaked_but_not_the_key()
    {
        await stub.AskAsync($"my key is {CliHome.Key}", _session, false, Token);

        var request = Assert.Single(await stub.RequestsOfAsync(_session));
        Assert.True(request.KeyInBody);
        Assert.Equal("my key is [key]", request.Prompt);
    }

    [Fact]
    public async Task A_simulated_answer_says_that_no_model_was_asked()
    {
        await using var simulated = new ModelStubProcess();
        await simulated.StartAsync("--simulated");

        using var answer = await simulated.AskAsync("Say hello", _session, false, Token);

        var text = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Token)).GetProperty("content")[0].GetProperty("text").GetString()!;
        Assert.StartsWith("Hello!", text, StringComparison.Ordinal);
        Assert.EndsWith("(simulated answer: no model was asked)", text, StringComparison.Ordinal);
    }
}

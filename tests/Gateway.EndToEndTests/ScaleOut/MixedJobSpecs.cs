using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary>Jobs of all three CLIs at once, from several callers, over two workers.</summary>
public sealed class MixedJobSpecs(ModelStubProcess stub) : ScaleOutHouse, IClassFixture<ModelStubProcess>
{
    private const int Callers = 6;

    private static readonly string[] Clis = ["claude", "codex", "gemini"];
    private static readonly string[] Workers = ["w1", "w2"];

    [Fact]
    public async Task Two_hundred_jobs_of_three_clis_over_two_workers_are_each_run_once_and_give_their_own_answer()
    {
        const int jobs = 200;
        (string, string)[] fakes = [("Worker:Sandbox", "None"), ("Codex:Program", BuiltPrograms.FakeAgent), ("Gemini:Program", BuiltPrograms.FakeAgent), .. Keys()];

        var ended = await RunAsync(jobs, fakes, words => $"[[fake: log {Log}; answer {words}]]", words => words);

        var runs = AgentLog.Read(Log);
        Assert.Equal(ended.Select(job => PublicId.Read(job.Id)).Order(), runs.Select(run => run.JobId).Order());
        Assert.All(runs, run => Assert.Equal((1, 0), (run.Attempt, run.ExitCode)));
    }

    [Fact]
    public async Task The_real_clis_side_by_side_over_two_workers_give_each_job_its_own_answer()
    {
        const int jobs = 12;
        List<string> prompts = [];

        await RunAsync(jobs, [("Worker:Sandbox", "Best"), .. RealClis(stub)], words => words, words =>
        {
            prompts.Add(words);
            return $"You said: {words}";
        });

        var asked = (await stub.RequestsAsync()).Select(request => request.Prompt).ToHashSet();
        Assert.All(prompts, prompt => Assert.Contains(prompt, asked));
    }

    /// <summary>Submits jobs of each CLI in turn, each with words of its own, and sees that each ends once with its answer and leaves no message.</summary>
    private async Task<IReadOnlyList<JobRecord>> RunAsync(int count, (string, string)[] settings, Func<string, string> prompt, Func<string, string> answer)
    {
        var api = await StartApiAsync();
        foreach (var worker in Workers)
        {
            await StartWorkerAsync(worker, settings);
        }

        var words = Enumerable.Range(0, count).Select(number => $"words {number} {Guid.NewGuid():n}").ToList();
        var ids = new string[count];
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
        {
            using var client = new McpCaller(() => api.Url, () => api.Key);
            for (var i = caller; i < count; i += Callers)
            {
                ids[i] = (await client.CallAsync($"{CliOf(i)}_request_async", new { prompt = prompt(words[i]) })).Good.GetProperty("jobId").GetString()!;
            }
        }));

        List<JobRecord> ended = [];
        for (var i = 0; i < count; i++)
        {
            var job = await api.Client.EndAsync(ids[i]);
            Assert.True(job is { Status: "completed", Attempt: 1 } && job.Json.GetProperty("cli").GetString() == CliOf(i), job.ToString());
            Assert.Equal(answer(words[i]), await api.Client.AnswerAsync(job.Id));
            ended.Add(job);
        }

        Assert.Equal(Workers, ended.Select(job => job.Json.GetProperty("worker").GetString()).Distinct().Order());
        await new Checker(Store, [.. ids.Select(PublicId.Read)]).CheckAsync([]);
        foreach (var queue in (await Broker.QueuesAsync(Vhost)).Where(queue => queue.StartsWith("gateway-run-", StringComparison.Ordinal) || queue == "gateway-parked"))
        {
            Assert.True((await Broker.PeekAsync(Vhost, queue)) is [], $"{queue} is not empty");
        }

        await NothingIsSetAsideAsync();
        return ended;
    }

    // One after another within a caller's calls too.
    private static string CliOf(int number) => Clis[(number / Callers + number) % Clis.Length];

    private (string, string)[] Keys() =>
        [("Credentials:codex:Kind", "api_key"), ("Credentials:codex:File", KeyFile()), ("Credentials:gemini:Kind", "api_key"), ("Credentials:gemini:File", KeyFile())];
}

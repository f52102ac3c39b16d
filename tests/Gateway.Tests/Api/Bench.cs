using System.Text.Json;
using Gateway.Api.Auth;
using Gateway.Api.Mcp.Tools;
using Gateway.Api.Policies;
using Gateway.Contracts.Values;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Audit;
using Gateway.Policies.Grants;
using Gateway.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>The tools as a host registers them, without its HTTP.</summary>
internal sealed class Bench : IDisposable
{
    public static readonly Caller Me = new("default", "local");

    private readonly string folder = Directory.CreateTempSubdirectory("gateway-api-").FullName;
    private readonly ServiceProvider services;

    public Bench(params (string Name, string Value)[] settings)
    {
        var collection = new ServiceCollection();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value))).Build();
        collection.AddSingleton<IConfiguration>(configuration).AddLogging().AddSingleton<IJobDesk>(Jobs);
        collection.AddGatewayAuth(ApiKey.OpenOrCreate(Path.Combine(folder, "data"))).AddGatewayMcp();
        services = collection.BuildServiceProvider();
        Tools = [.. services.GetServices<McpServerTool>().Cast<GatewayTool>()];
    }

    public FakeJobDesk Jobs { get; } = new();

    public IReadOnlyList<GatewayTool> Tools { get; }

    public static Identity MyIdentity(params string[] moreScopes) => IdentityOf(Me, Scopes.OfEmbeddedKey.Concat(moreScopes));

    public static Identity IdentityOf(Caller caller, IEnumerable<string> scopes) => 
        IdentityOf(new PolicyGrant("local", caller.Tenant, caller.Grant, TestPolicies.AllowAll), scopes);

    public static Identity IdentityOf(PolicyGrant grant, IEnumerable<string> scopes) => new(grant, scopes.ToHashSet(), new Credential.ApiKey(grant.Label));

    /// <summary>What a request asks of Claude Code.</summary>
    public static ClaudeArguments ClaudeOf(RunRequest request) => JsonSerializer.Deserialize(request.Agent.Json, JobsJson.Default.ClaudeArguments)!;

    /// <summary>The tools' way to the real store.</summary>
    public static IJobDesk DeskOf(EmbeddedJobs jobs) =>
        ActivatorUtilities.CreateInstance<JobDesk>(jobs.Services, new CallAudit(jobs.Get<AuditKeys>(), jobs.Get<IOptions<AuditOptions>>()));

    public GatewayTool Tool(string name) => Tools.Single(t => t.Card.Name == name);

    public async Task<Reply> CallAsync(string tool, string argumentsJson, Identity? identity = null, IJobDesk? jobs = null)
    {
        var arguments = JsonElement.Parse(argumentsJson).EnumerateObject().Select(m => KeyValuePair.Create(m.Name, m.Value));
        return new Reply(await Tool(tool).RunAsync(identity ?? MyIdentity(), arguments, jobs ?? Jobs, null, TestContext.Current.CancellationToken));
    }

    public void Dispose()
    {
        services.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>An answer, taken apart.</summary>
    internal sealed record Reply(CallToolResult Result)
    {
        public JsonElement Record => Result.StructuredContent!.Value;

        public string Text => ((TextContentBlock)Assert.Single(Result.Content)).Text;

        public JsonElement Error
        {
            get
            {
                Assert.True(Result.IsError, Record.GetRawText());
                Assert.False(Record.GetProperty("success").GetBoolean());
                Assert.InRange(Text.Length, 1, 2000);
                var error = Record.GetProperty("error");
                Assert.InRange(error.GetProperty("message").GetString()!.Length, 1, 500);
                _ = error.GetProperty("retryable").GetBoolean();
                return error;
            }
        }

        public string Kind => Error.GetProperty("kind").GetString()!;

        public IReadOnlyList<(string Field, string Value, string Limit, string Remedy)> Faults =>
        [
            .. Error.GetProperty("faults").EnumerateArray().Select(f => (
                f.GetProperty("field").GetString()!, f.GetProperty("value").GetString()!, f.GetProperty("limit").GetString()!, f.GetProperty("remedy").GetString()!)),
        ];

        public Reply Succeeds()
        {
            Assert.False(Result.IsError, Record.GetRawText());
            Assert.True(Record.GetProperty("success").GetBoolean());
            return this;
        }
    }
}

using System.Text.Json;
using Gateway.Contracts.Values;
using Gateway.Execution.Providers;

namespace Gateway.Tests.Execution.Providers.Added;

/// <summary>Reads the one line that counts: the final record.</summary>
internal sealed class AddedStreamReader(TimeProvider clock) : EventLineReader(clock)
{
    private string? answer;
    private bool isError;

    public override AgentReport Report() => new()
    {
        HasFinalRecord = answer is not null,
        Answer = answer,
        Failure = isError ? new RunFailure { Kind = FailureKinds.CliError, Message = "The added CLI said that it failed.", Retryable = false } : null,
    };

    protected override void Take(JsonElement line, long endOffset)
    {
        if (line.Member("type").Text() == "result")
        {
            (answer, isError) = (line.Member("result").Text() ?? "", line.Member("is_error").ValueKind == JsonValueKind.True);
            Tell("writing", "lifecycle", "The agent gave its final record.", endOffset);
        }
    }
}

using Gateway.Contracts.Commands;
using Gateway.Jobs.Leases;
using MassTransit;

namespace Gateway.Jobs.Sessions;

/// <summary>Gives the holder of an attempt the conversation that it is to go on with, piece by piece, and nobody else anything.</summary>
public sealed class FetchTranscriptConsumer(ITranscriptStore transcripts, IStoreClock clock) : IConsumer<FetchTranscript>
{
    /// <summary>Answers one question.</summary>
    /// <param name="context">The question.</param>
    public async Task Consume(ConsumeContext<FetchTranscript> context)
    {
        var question = context.Message;
        if (await transcripts.ReadAsync(question, clock.GetUtcNow(), context.CancellationToken) is { } part)
        {
            await context.RespondAsync(part);
        }
        else
        {
            await context.RespondAsync(new RunDenied { JobId = question.JobId, Attempt = question.Attempt, Reason = "transcript" });
        }
    }
}

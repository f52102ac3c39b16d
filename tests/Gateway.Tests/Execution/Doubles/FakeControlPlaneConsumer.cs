using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using MassTransit;

namespace Gateway.Tests.Execution.Doubles;

/// <summary>The bus side of <see cref="FakeControlPlane"/>.</summary>
internal sealed class FakeControlPlaneConsumer(FakeControlPlane plane) :
    IConsumer<ClaimRun>,
    IConsumer<RunOutput>,
    IConsumer<RunStarted>,
    IConsumer<RunCompleted>,
    IConsumer<RunFailed>,
    IConsumer<RunCanceled>,
    IConsumer<RunInterrupted>,
    IConsumer<AttemptLost>,
    IConsumer<WorkerHeartbeat>,
    IConsumer<FindEndedJobs>,
    IConsumer<FetchTranscript>
{
    public Task Consume(ConsumeContext<ClaimRun> context)
    {
        plane.Claims.Enqueue(context.Message);
        var (job, attempt) = (context.Message.JobId, context.Message.Attempt);
        return plane.Grant(context.Message) is { } grant
            ? context.RespondAsync(new RunGranted { JobId = job, Attempt = attempt, Lease = plane.Lease, Grant = grant })
            : context.RespondAsync(new RunDenied { JobId = job, Attempt = attempt, Reason = plane.Denial });
    }

    public Task Consume(ConsumeContext<RunOutput> context)
    {
        if (!plane.CountsOnly)
        {
            plane.Pieces.Enqueue(context.Message);
        }

        if (plane.LosesPiece(context.Message))
        {
            return Task.CompletedTask;
        }

        var receipt = plane.Store(context.Message);
        return plane.LosesAnswer(context.Message) ? Task.CompletedTask : context.RespondAsync(receipt);
    }

    public Task Consume(ConsumeContext<RunStarted> context)
    {
        plane.Started.Enqueue(context.Message);
        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<RunCompleted> context) =>
        context.RespondAsync(plane.Take(new RunKey(context.Message.JobId, context.Message.Attempt), context.Message, context.Message.Result));

    public Task Consume(ConsumeContext<RunFailed> context) =>
        context.RespondAsync(plane.Take(new RunKey(context.Message.JobId, context.Message.Attempt), context.Message, context.Message.Result));

    public Task Consume(ConsumeContext<RunCanceled> context) =>
        context.RespondAsync(plane.Take(new RunKey(context.Message.JobId, context.Message.Attempt), context.Message, context.Message.Result));

    public Task Consume(ConsumeContext<RunInterrupted> context) =>
        context.RespondAsync(plane.Take(new RunKey(context.Message.JobId, context.Message.Attempt), context.Message, context.Message.Result));

    public Task Consume(ConsumeContext<AttemptLost> context) =>
        context.RespondAsync(plane.Take(new RunKey(context.Message.JobId, context.Message.Attempt), context.Message, null));

    public Task Consume(ConsumeContext<WorkerHeartbeat> context) => context.RespondAsync(plane.Answer(context.Message));

    public Task Consume(ConsumeContext<FetchTranscript> context)
    {
        var question = context.Message;
        plane.Fetches.Enqueue(question);
        return plane.Transcript(question) is { } all && question.Offset < all.Length
            ? context.RespondAsync(new TranscriptPart
            {
                JobId = question.JobId,
                Attempt = question.Attempt,
                Offset = question.Offset,
                Bytes = all[(int)question.Offset..(int)Math.Min(all.Length, question.Offset + TranscriptPart.MostBytes)],
                TotalBytes = all.Length,
            })
            : context.RespondAsync(new RunDenied { JobId = question.JobId, Attempt = question.Attempt, Reason = "transcript" });
    }

    public async Task Consume(ConsumeContext<FindEndedJobs> context)
    {
        plane.Questions.Enqueue(context.Message);
        await plane.OnQuestion(context.Message);
        await context.RespondAsync(new EndedJobs
        {
            JobIds = [.. context.Message.JobIds.Where(plane.Ended.ContainsKey)],
            SessionIds = [.. context.Message.SessionIds.Where(plane.Ended.ContainsKey)],
        });
    }
}

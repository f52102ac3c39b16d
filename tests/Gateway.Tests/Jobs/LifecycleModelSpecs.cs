using CsCheck;
using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Jobs.Lifecycle;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Gateway.Tests.Jobs;

/// <summary>Random messages of random senders against the shortest description of a job's life that is still right.</summary>
public sealed class LifecycleModelSpecs
{
    private static readonly Guid[] Workers = [Guid.NewGuid(), Guid.NewGuid()];

    private static readonly Gen<Step> Steps = Gen.Select(
        Gen.Frequency((4, Gen.Const("claim")), (2, Gen.Const("started")), (1, Gen.Const("completed")), (3, Gen.Const("failed")), (1, Gen.Const("canceled")), (2, Gen.Const("interrupted")), (2, Gen.Const("lost")), (2, Gen.Const("lease")), (1, Gen.Const("cancel")), (2, Gen.Const("limited")), (2, Gen.Const("unparked")), (1, Gen.Const("opened"))),
        Gen.Int[-1, 2],
        Gen.Int[0, 1],
        Gen.Long[1, 3],
        Gen.Bool,
        (what, attempt, worker, epoch, again) => new Step(what, attempt, worker, epoch, again));

    [Fact]
    public async Task Whatever_comes_from_whomever_a_job_moves_as_its_model_and_ends_once()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        await Gen.Select(Gen.Int[1, 3], Steps.Array[1, 20]).SampleAsync(
            async (max, steps) =>
            {
                var id = await jobs.SubmitAsync(EmbeddedJobs.Request() with { MaxAttempts = max, CredentialName = Guid.NewGuid().ToString("n") });
                var model = new Model(max);
                var before = await jobs.JobAsync(id);
                foreach (var step in steps)
                {
                    // Numbers around the current attempt, so that many steps are right and as many are wrong.
                    var attempt = Math.Max(0, model.Attempt + step.Attempt);
                    var moved = model.Apply(step, attempt);
                    await SendAsync(jobs, id, step, attempt);
                    var after = await jobs.JobAsync(id);
                    Assert.Equal((model.State, model.Attempt, model.Counted), (after.CurrentState, after.Attempt, after.CountedAttempts));
                    Assert.InRange(after.CountedAttempts, before.CountedAttempts - (step.What is "interrupted" or "limited" ? 1 : 0), max);
                    var changed = string.Join(", ", Changed(before, after));
                    Assert.True(moved || changed.Length == 0, $"{step} was to change nothing, and changed {changed}");
                    before = after;
                }
            },
            iter: 60,
            threads: 1);
    }

    // Whether its command is on its way is the dispatcher's, whatever comes.
    private static IEnumerable<string> Changed(Job a, Job b) => typeof(Job).GetProperties()
        .Where(p => p.Name != nameof(Job.ReleasedAtMs) && !Equals(p.GetValue(a), p.GetValue(b)))
        .Select(p => p.Name);

    private static async Task SendAsync(EmbeddedJobs jobs, Guid id, Step step, int attempt)
    {
        var worker = Workers[step.Worker];
        switch (step.What)
        {
            case "claim":
                await jobs.ClaimAsync(id, attempt, worker, step.Epoch);
                break;
            case "started":
                Assert.Null(await jobs.DeliverAsync(EndpointNames.JobLifecycle, new RunStarted { JobId = id, Attempt = attempt, WorkerId = worker, Epoch = step.Epoch, StartedAt = DateTimeOffset.UnixEpoch }));
                break;
            case "completed":
                await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, LifecycleSpecs.Completed(id, attempt, worker, step.Epoch));
                break;
            case "failed":
                await jobs.AskAsync<RunFailed, RunReceipt>(EndpointNames.JobLifecycle, LifecycleSpecs.Failed(id, attempt, worker, step.Epoch, step.Again));
                break;
            case "limited":
                await jobs.AskAsync<RunFailed, RunReceipt>(EndpointNames.JobLifecycle, LifecycleSpecs.Failed(id, attempt, worker, step.Epoch, step.Again, limit: true));
                break;
            case "unparked":
                Assert.Null(await jobs.DeliverAsync(EndpointNames.JobLifecycle, new ParkingEnded { JobId = id, Attempt = attempt }));
                break;
            case "opened":
                await jobs.ReadAsync(db => db.CredentialGates.ExecuteDeleteAsync());
                break;
            case "canceled":
                await jobs.AskAsync<RunCanceled, RunReceipt>(EndpointNames.JobLifecycle, new RunCanceled { JobId = id, Attempt = attempt, WorkerId = worker, Epoch = step.Epoch, Result = LifecycleSpecs.Result(143) });
                break;
            case "interrupted":
                await jobs.AskAsync<RunInterrupted, RunReceipt>(EndpointNames.JobLifecycle, LifecycleSpecs.Interrupted(id, attempt, worker, step.Epoch));
                break;
            case "lost":
                await jobs.AskAsync<AttemptLost, RunReceipt>(EndpointNames.JobLifecycle, new AttemptLost { JobId = id, Attempt = attempt, WorkerId = worker, Epoch = step.Epoch, Cause = "runner" });
                break;
            case "lease":
                await jobs.AskAsync<AttemptLost, RunReceipt>(EndpointNames.JobLifecycle, new AttemptLost { JobId = id, Attempt = attempt, Cause = "lease" });
                break;
            default:
                await jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = id });
                break;
        }
    }

    private sealed record Step(string What, int Attempt, int Worker, long Epoch, bool Again);

    private sealed class Model(int max)
    {
        private int worker;
        private long epoch;

        public string State { get; private set; } = "Queued";

        public int Attempt { get; private set; }

        public int Counted { get; private set; }

        private bool Held => State is "Running" or "Canceling";

        // Its own credential's: each job has one of its own here.
        private bool IsGated { get; set; }

        /// <summary>False when the step must leave the row as it is.</summary>
        public bool Apply(Step step, int attempt)
        {
            if (step.What == "claim")
            {
                return Claim(step, attempt);
            }

            if (step.What == "opened")
            {
                IsGated = false;
                return false;
            }

            if (step.What == "unparked")
            {
                var ends = State == "Parked" && attempt == Attempt;
                State = ends ? "Queued" : State;
                return ends;
            }

            if (step.What == "cancel")
            {
                var moves = State is "Queued" or "Running" or "Parked";
                State = State is "Queued" or "Parked" ? "Canceled" : State == "Running" ? "Canceling" : State;
                return moves;
            }

            if (!Held || attempt != Attempt || (step.What != "lease" && (step.Worker != worker || step.Epoch < epoch)))
            {
                return false;
            }

            epoch = step.What == "lease" ? epoch : step.Epoch;
            Counted -= step.What is "interrupted" or "limited" && State == "Running" ? 1 : 0;
            IsGated |= step.What == "limited";
            State = step.What switch
            {
                "started" => State,
                "completed" => "Completed",
                "canceled" => "Canceled",
                "interrupted" => State == "Canceling" ? "Canceled" : "Queued",
                "limited" => State == "Canceling" ? "Failed" : "Parked",
                "failed" => State == "Running" && step.Again && Counted < max ? "Queued" : "Failed",
                _ => State == "Canceling" ? "Canceled" : Counted < max ? "Queued" : "Failed",
            };
            return true;
        }

        private bool Claim(Step step, int attempt)
        {
            var isNext = State == "Queued" && attempt == Attempt + 1;
            if (isNext && IsGated)
            {
                return false;
            }

            if (isNext)
            {
                (State, Attempt, worker, epoch) = ("Running", attempt, step.Worker, step.Epoch);
                Counted++;
                return true;
            }

            var isAgain = State == "Running" && attempt == Attempt && step.Worker == worker && step.Epoch >= epoch;
            epoch = isAgain ? step.Epoch : epoch;
            return isAgain;
        }
    }
}

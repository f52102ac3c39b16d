using System.Collections.Concurrent;
using System.Security.Cryptography;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;

namespace Gateway.Tests.Execution.Doubles;

/// <summary>
/// Stores output by the rule of the wire and keeps everything that a worker says. A test can make it lose answers, deny,
/// fence and cancel.
/// </summary>
internal sealed class FakeControlPlane
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(RunKey, OutputStream), MemoryStream> _streams = [];
    private readonly ConcurrentDictionary<RunKey, TaskCompletionSource<object>> _outcomes = new();

    public Func<ClaimRun, RunGrant?> Grant { get; set; } = _ => null;

    /// <summary>Why a claim without a grant is denied.</summary>
    public string Denial { get; set; } = "stale";

    /// <summary>Whether the answer to a piece is lost, after it was stored.</summary>
    public Func<RunOutput, bool> LosesAnswer { get; set; } = _ => false;

    /// <summary>Whether a piece is lost before it is stored.</summary>
    public Func<RunOutput, bool> LosesPiece { get; set; } = _ => false;

    /// <summary>Whether bytes are only counted: for outputs that a test does not want in memory.</summary>
    public bool CountsOnly { get; set; }

    /// <summary>Held while outcomes are not to be stored.</summary>
    public bool RefusesOutcomes { get; set; }

    public bool JobEnded { get; set; } = true;

    public ConcurrentDictionary<RunKey, bool> Fenced { get; } = new();

    public ConcurrentDictionary<RunKey, bool> Cancels { get; } = new();

    public ConcurrentQueue<ClaimRun> Claims { get; } = [];

    public ConcurrentQueue<RunOutput> Pieces { get; } = [];

    public ConcurrentQueue<AgentEvent> Events { get; } = [];

    public ConcurrentQueue<WorkerHeartbeat> Heartbeats { get; } = [];

    public ConcurrentQueue<object> Outcomes { get; } = [];

    public ConcurrentQueue<RunStarted> Started { get; } = [];

    public ConcurrentDictionary<(RunKey, OutputStream), long> Lengths { get; } = new();

    public ConcurrentDictionary<Guid, bool> Ended { get; } = new();

    public ConcurrentQueue<FindEndedJobs> Questions { get; } = [];

    /// <summary>The stored conversation that an attempt is given; null when it is denied.</summary>
    public Func<FetchTranscript, byte[]?> Transcript { get; set; } = _ => null;

    public ConcurrentQueue<FetchTranscript> Fetches { get; } = [];

    /// <summary>Called before a question for ended jobs is answered.</summary>
    public Func<FindEndedJobs, Task> OnQuestion { get; set; } = _ => Task.CompletedTask;

    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(3);

    public Task<object> OutcomeAsync(RunKey key) =>
        _outcomes.GetOrAdd(key, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(TimeSpan.FromSeconds(30));

    public byte[] Stored(RunKey key, OutputStream stream)
    {
        lock (_gate)
        {
            return _streams.TryGetValue((key, stream), out var bytes) ? bytes.ToArray() : [];
        }
    }

    /// <summary>Forgets the end of a stream, as a database does that was restored.</summary>
    public void Forget(RunKey key, OutputStream stream, int length)
    {
        lock (_gate)
        {
            _streams[(key, stream)].SetLength(length);
            _streams[(key, stream)].Position = length;
            Lengths[(key, stream)] = length;
        }
    }

    public RunReceipt Store(RunOutput piece)
    {
        var key = new RunKey(piece.JobId, piece.Attempt);
        lock (_gate)
        {
            var stored = Lengths.GetValueOrDefault((key, piece.Stream));
            if (!Fenced.ContainsKey(key) && piece.Offset <= stored && stored < piece.Offset + piece.Bytes.Length)
            {
                if (!CountsOnly)
                {
                    if (!_streams.TryGetValue((key, piece.Stream), out var bytes))
                    {
                        _streams[(key, piece.Stream)] = bytes = new MemoryStream();
                    }

                    bytes.Write(piece.Bytes.AsSpan((int)(stored - piece.Offset)));
                }

                Lengths[(key, piece.Stream)] = piece.Offset + piece.Bytes.Length;
                foreach (var told in piece.Events.Where(told => told.EndOffset > stored))
                {
                    Events.Enqueue(told);
                }
            }

            return Receipt(key, outcomeStored: false);
        }
    }

    public RunReceipt Take(RunKey key, object outcome, RunResult? result)
    {
        lock (_gate)
        {
            Outcomes.Enqueue(outcome);
            var whole = result is null || result.Streams.All(stream =>
                Lengths.GetValueOrDefault((key, stream.Stream)) == stream.LengthBytes
                && (CountsOnly || stream.Sha256 == Convert.ToHexStringLower(SHA256.HashData(Stored(key, stream.Stream)))));
            if (Fenced.ContainsKey(key) || RefusesOutcomes || !whole)
            {
                return Receipt(key, outcomeStored: false);
            }
        }

        // Made first: whoever hears of the outcome may change what later receipts say.
        var receipt = Receipt(key, outcomeStored: true);
        _outcomes.GetOrAdd(key, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult(outcome);
        return receipt;
    }

    public HeartbeatAnswer Answer(WorkerHeartbeat beat)
    {
        Heartbeats.Enqueue(beat);
        return new HeartbeatAnswer
        {
            SentAt = beat.SentAt,
            Lease = Lease,
            Renewed = [.. beat.Runs.Where(key => !Fenced.ContainsKey(key))],
            Cancel = [.. beat.Runs.Where(Cancels.ContainsKey)],
            Fenced = [.. beat.Runs.Where(Fenced.ContainsKey)],
        };
    }

    private RunReceipt Receipt(RunKey key, bool outcomeStored) => new()
    {
        JobId = key.JobId,
        Attempt = key.Attempt,
        StoredBytes = Enum.GetValues<OutputStream>().Where(stream => Lengths.ContainsKey((key, stream))).ToDictionary(stream => stream, stream => Lengths[(key, stream)]),
        OutcomeStored = outcomeStored,
        JobEnded = outcomeStored && JobEnded,
        Fenced = Fenced.ContainsKey(key),
    };
}

using System.Collections.Concurrent;
using Gateway.Contracts.Events;

namespace Gateway.Jobs.Reading;

/// <summary>Wakes those who wait for a job, after each commit that changed it.</summary>
public sealed class JobSignals
{
    private readonly ConcurrentDictionary<Guid, Topic> topics = new();

    /// <summary>Raised for each change that this process has committed: where there are other processes, they are told.</summary>
    public event Action<JobChanged>? Committed;

    /// <summary>Raised for each change, of this process and of others as far as they are told here.</summary>
    public event Action<JobChanged>? Changed;

    /// <summary>Begins to listen to a job. Dispose to end it.</summary>
    /// <param name="jobId">The job.</param>
    public Listener Listen(Guid jobId)
    {
        while (true)
        {
            var topic = topics.GetOrAdd(jobId, static _ => new Topic());
            if (topic.TryEnter())
            {
                return new Listener(this, jobId, topic);
            }
        }
    }

    /// <summary>This process has committed a change: wakes everybody who listens to the job, here and elsewhere.</summary>
    /// <param name="change">What was committed.</param>
    public void Announce(JobChanged change)
    {
        Notify(change);
        Committed?.Invoke(change);
    }

    /// <summary>Wakes everybody in this process who listens to the job.</summary>
    /// <param name="change">What was committed.</param>
    public void Notify(JobChanged change)
    {
        if (topics.TryGetValue(change.JobId, out var topic))
        {
            topic.Wake();
        }

        Changed?.Invoke(change);
    }

    /// <summary>One who waits.</summary>
    public sealed class Listener : IDisposable
    {
        private readonly JobSignals owner;
        private readonly Guid jobId;
        private readonly Topic topic;

        internal Listener(JobSignals owner, Guid jobId, Topic topic)
        {
            this.owner = owner;
            this.jobId = jobId;
            this.topic = topic;
        }

        /// <summary>Completes with the next change after this call.</summary>
        public Task NextAsync() => topic.Next;

        /// <summary>Ends the listening.</summary>
        public void Dispose()
        {
            if (topic.Leave())
            {
                owner.topics.TryRemove(new KeyValuePair<Guid, Topic>(jobId, topic));
            }
        }
    }

    internal sealed class Topic
    {
        private readonly Lock gate = new();
        private TaskCompletionSource next = New();
        private int listeners;
        private bool closed;

        public Task Next
        {
            get
            {
                lock (gate)
                {
                    return next.Task;
                }
            }
        }

        public bool TryEnter()
        {
            lock (gate)
            {
                listeners += closed ? 0 : 1;
                return !closed;
            }
        }

        public bool Leave()
        {
            lock (gate)
            {
                listeners--;
                closed = listeners == 0;
                return closed;
            }
        }

        public void Wake()
        {
            TaskCompletionSource woken;
            lock (gate)
            {
                woken = next;
                next = New();
            }

            woken.TrySetResult();
        }

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

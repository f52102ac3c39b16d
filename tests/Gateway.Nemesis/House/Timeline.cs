using System.Globalization;
using Gateway.Nemesis.History;

namespace Gateway.Nemesis.House;

/// <summary>What was done and when, on standard error and for the report.</summary>
internal sealed class Timeline
{
    private readonly Lock _lock = new();
    private readonly long _began = Clock.Ticks;
    private readonly List<string> _lines = [];
    private readonly List<Outage> _outages = [];
    private readonly HashSet<Span> _open = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Times in which a fault was on, each with its after-effects.</summary>
    public IReadOnlyList<Outage> Outages
    {
        get
        {
            lock (_lock)
            {
                return [.. _outages];
            }
        }
    }

    public void Tell(FormattableString text)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{Clock.Since(_began).TotalSeconds,7:0.0} {FormattableString.Invariant(text)}");
        lock (_lock)
        {
            _lines.Add(line);
        }

        Console.Error.WriteLine(line);
    }

    /// <summary>A fault is on until what is returned is disposed.</summary>
    public Span Begin(string fault)
    {
        var span = new Span(this, fault);
        lock (_lock)
        {
            _open.Add(span);
        }

        return span;
    }

    /// <summary>Whether such a fault is on and has been for so long.</summary>
    public bool IsOn(Predicate<string> fault, TimeSpan atLeast)
    {
        lock (_lock)
        {
            return _open.Any(s => fault(s.Fault) && Clock.NowMs - s.FromMs >= atLeast.TotalMilliseconds);
        }
    }

    /// <summary>A fault's time.</summary>
    internal sealed class Span(Timeline timeline, string fault) : IDisposable
    {
        // What was cut needs a moment to find together again.
        private const long AfterEffectMs = 15_000;

        public string Fault { get; } = fault;

        public long FromMs { get; } = Clock.NowMs;

        public void Dispose()
        {
            lock (timeline._lock)
            {
                timeline._open.Remove(this);
                timeline._outages.Add(new Outage(Fault, FromMs, Clock.NowMs + AfterEffectMs));
            }
        }
    }
}

using System.Data.Common;
using Gateway.Jobs;
using MassTransit;
using Xunit;

namespace Gateway.Tests.Jobs;

/// <summary>What moves a job waits for a database that is away; what the database refuses for a reason of its own is given up soon.</summary>
public sealed class OutageRetrySpecs
{
    private const int Pauses = 3;
    private const int LongestOutage = 600;

    private static readonly Exception Away = new InvalidOperationException("An exception has been raised that is likely due to a transient failure.", new DatabaseFault(isTransient: true));
    private static readonly Exception Refused = new DatabaseFault(isTransient: false);

    [Fact]
    public void A_database_that_is_away_is_waited_for_as_long_as_an_outage_takes() => Assert.Equal(LongestOutage, TriesAfter(_ => Away));

    [Fact]
    public void What_the_database_refuses_is_given_up_after_the_pauses() => Assert.Equal(Pauses, TriesAfter(_ => Refused));

    [Fact]
    public void After_an_outage_a_message_that_meets_its_own_repeat_has_all_its_tries() => Assert.Equal(10 + Pauses, TriesAfter(tries => tries < 10 ? Away : Refused));

    [Fact]
    public void Outages_in_between_do_not_make_a_refusal_last() => Assert.Equal(2 * Pauses, TriesAfter(tries => tries % 2 == 0 ? Away : Refused) - 1);

    [Fact]
    public void What_is_not_handled_is_not_repeated() => Assert.Equal(0, TriesAfter(_ => new ArgumentException("no")));

    /// <summary>Tries after the first one, each of which meets what the function says.</summary>
    private static int TriesAfter(Func<int, Exception> fault)
    {
        var policy = new OutageRetryPolicy(new Handled(), [.. Enumerable.Repeat(TimeSpan.FromMilliseconds(1), Pauses)]);
        using var context = policy.CreatePolicyContext(new Context());
        if (!context.CanRetry(fault(0), out var retry))
        {
            return 0;
        }

        var tries = 1;
        while (retry.CanRetry(fault(tries), out var next))
        {
            Assert.NotNull(next.Delay);
            (retry, tries) = (next, tries + 1);
        }

        return tries;
    }

    private sealed class Context : MassTransit.Middleware.BasePipeContext, PipeContext;

    private sealed class Handled : IExceptionFilter
    {
        public bool Match(Exception exception) => exception is DbException or InvalidOperationException;

        public void Probe(ProbeContext context) => context.CreateScope("handled");
    }

    private sealed class DatabaseFault(bool isTransient) : DbException("away")
    {
        public override bool IsTransient => isTransient;
    }
}

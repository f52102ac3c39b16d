using CsCheck;
using Gateway.Contracts.Commands;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Quotas;
using Gateway.Policies.Limits;
using Gateway.Tests.Support;
using Microsoft.Extensions.Options;
using Xunit;

namespace Gateway.Tests.Jobs;

/// <summary>Who goes next: priority, then the tenants' fair share, then age.</summary>
public sealed class FairOrderSpecs
{
    private static readonly string[] Tenants = ["acme", "bolt", "corp", "dyna"];

    private static readonly Gen<WaitingJob> Waiting = Gen.Select(
        Gen.Guid, Gen.Int[0, 3], Gen.Int[-1, 1], Gen.Long[0, 50], (id, tenant, priority, due) => Job(Tenants[tenant], priority, due, id));

    private static readonly Gen<Dictionary<string, int>> Hands = Gen.Int[0, 6].Array[Tenants.Length].Select(counts => Tenants.Zip(counts).ToDictionary(t => t.First, t => t.Second));

    [Fact]
    public void Each_job_goes_when_nobody_with_a_better_claim_waits() =>
        Gen.Select(Waiting.Array[0, 40], Hands, Gen.Int[0, 45], Gen.Int[1, 12]).Sample((waiting, hands, most, mostOfTenant) =>
        {
            var picked = FairOrder.Pick(waiting, hands, new Dictionary<string, long>(), most, Room(mostOfTenant, hands));
            var (left, hand) = (waiting.ToList(), new Dictionary<string, int>(hands));
            foreach (var job in picked)
            {
                var rivals = left.Where(other => hand[other.Tenant] < mostOfTenant).ToList();
                Assert.Contains(job, rivals);
                Assert.Equal(rivals.Max(other => other.Priority), job.Priority);
                var equals = rivals.Where(other => other.Priority == job.Priority).ToList();
                Assert.Equal(equals.Min(other => hand[other.Tenant]), hand[job.Tenant]);
                Assert.Equal(equals.Where(other => other.Tenant == job.Tenant).Min(other => other.DueAtMs), job.DueAtMs);
                left.Remove(job);
                hand[job.Tenant]++;
            }

            // It stops only for a reason.
            Assert.True(picked.Count == most || left.All(other => hand[other.Tenant] >= mostOfTenant));
        });

    [Fact]
    public void With_caps_each_job_goes_when_nobody_with_a_better_claim_waits_for_whom_there_is_room() =>
        Gen.Select(Waiting.Array[0, 40], Gen.Int[0, 45], Gen.Int[1, 6].Array[3], Gen.Int[0, 3].Array[Tenants.Length]).Sample((jobs, most, maxima, runs) =>
        {
            // Two callers a tenant, one of them under caps of each scope.
            var waiting = jobs.Select((job, i) => job with { Tool = i % 3 == 0 ? "a" : "b", Grant = new StoredGrant(i % 2 == 0 ? "capped" : "free", job.Tenant, i % 2 == 0 ? "x" : "y") }).ToList();
            var caps = new SetCaps();
            caps.Set("capped", Cap(LimitScope.Grant, maxima[0], "a"), Cap(LimitScope.Tenant, maxima[1], null), Cap(LimitScope.Global, maxima[2] * 2, "b"));
            var load = Tenants.Zip(runs).Select(t => new CallerLoad("default", new StoredGrant("capped", t.First, "x"), "b", t.Second, 0, 1)).ToList();
            var hands = load.ToDictionary(c => c.Grant.Tenant, c => c.InHand);
            var picked = FairOrder.Pick(waiting, hands, new Dictionary<string, long>(), most, new RunningRoom(new CapsInForce(caps, Quotas(null), Options.Create(new DispatchOptions())), load));

            var running = load.SelectMany(c => Enumerable.Repeat((c.Grant, c.Tool), c.Running)).ToList();
            bool Fits(WaitingJob job) => job.Grant.Label == "free"
                || (running.Count(r => r.Grant == job.Grant && r.Tool == "a") < maxima[0] || job.Tool != "a")
                && running.Count(r => r.Grant.Tenant == job.Tenant) < maxima[1]
                && (running.Count(r => r.Tool == "b") < maxima[2] * 2 || job.Tool != "b");
            var left = waiting.ToList();
            foreach (var job in picked)
            {
                var rivals = left.Where(Fits).ToList();
                Assert.Contains(job, rivals);
                Assert.Equal(rivals.Max(other => other.Priority), job.Priority);
                var equals = rivals.Where(other => other.Priority == job.Priority).ToList();
                Assert.Equal(equals.Min(other => hands[other.Tenant]), hands[job.Tenant]);
                Assert.Equal(equals.Where(other => other.Tenant == job.Tenant).Min(other => other.DueAtMs), job.DueAtMs);
                left.Remove(job);
                hands[job.Tenant]++;
                running.Add((job.Grant, job.Tool));
            }

            Assert.True(picked.Count == most || !left.Exists(Fits));
        });

    [Fact]
    public void With_one_slot_tenants_take_turns_however_long_one_of_them_has_waited()
    {
        var line = Enumerable.Range(0, 10).Select(i => Job("acme", 0, i)).Append(Job("bolt", 0, 99)).ToList();
        var served = new Dictionary<string, long>();
        List<string> order = [];
        for (var turn = 1; line.Count > 0; turn++)
        {
            var next = Assert.Single(FairOrder.Pick(line, new Dictionary<string, int>(), served, 1, Room(int.MaxValue, [])));
            served[next.Tenant] = turn;
            order.Add(next.Tenant);
            line.Remove(next);
        }

        Assert.Equal(["acme", "bolt", "acme"], order.Take(3));
    }

    [Fact]
    public void The_place_in_the_queue_is_exact_for_one_tenant_and_off_by_one_for_each_other_tenant_at_most() =>
        Gen.Select(Gen.Long[0, 1_000].ArrayUnique[1, 30], Hands, Gen.Int[0, 30].Array[3]).Sample((dues, hands, others) =>
        {
            var mine = dues.Order().Select(due => Job("acme", 0, due)).ToList();
            var theirs = Tenants.Skip(1).Zip(others).SelectMany(t => Enumerable.Range(0, t.Second).Select(i => Job(t.First, 0, i))).ToList();
            var order = FairOrder.Pick([.. mine, .. theirs], hands, new Dictionary<string, long>(), int.MaxValue, Room(int.MaxValue, []));
            foreach (var (ahead, job) in mine.Index())
            {
                var told = FairOrder.CountAhead(ahead, hands["acme"], Tenants.Skip(1).Zip(others).Select(t => (hands[t.First], t.Second)));
                Assert.InRange(order.ToList().IndexOf(job) - told, 0, others.Count(count => count > 0));
            }
        });

    private static JobCap Cap(LimitScope scope, int max, string? tool) => new(JobCapKind.Running, scope, max, tool, "/r");

    private static TenantQuotas Quotas(int? running) => new(Options.Create(new QuotaOptions { Default = new TenantQuota { Running = running } }));

    private static RunningRoom Room(int mostOfTenant, Dictionary<string, int> hands) => new(
        new CapsInForce(new SetCaps(), Quotas(mostOfTenant), Options.Create(new DispatchOptions())),
        hands.Select(hand => new CallerLoad("default", new StoredGrant("", hand.Key, ""), "", hand.Value, 0, 0)));

    private static WaitingJob Job(string tenant, int priority, long due, Guid? id = null) => new(
        id ?? Guid.NewGuid(), tenant, priority, due, new RunClaudeRequest { JobId = id ?? Guid.Empty, Attempt = 1, Provider = "claude", Pool = "default" })
    {
        Grant = new StoredGrant("", tenant, ""),
    };
}

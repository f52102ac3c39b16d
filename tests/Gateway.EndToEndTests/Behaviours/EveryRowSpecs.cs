using System.Reflection;
using Xunit;

namespace Gateway.EndToEndTests.Behaviours;

/// <summary>No row of the contract's behaviours is without a spec.</summary>
public sealed class EveryRowSpecs
{
    private const int Rows = 38;

    [Fact]
    public void Every_behaviour_of_the_contract_has_a_spec_that_is_run()
    {
        var held = typeof(EveryRowSpecs).Assembly.GetTypes().SelectMany(type => type.GetMethods())
            .Where(method => method.GetCustomAttributes<FactAttribute>().Any(fact => fact is { Skip: null, Explicit: false }))
            .SelectMany(method => method.GetCustomAttributes<BehaviourAttribute>().Select(behaviour => behaviour.Row));

        Assert.Equal(Enumerable.Range(1, Rows), held.Distinct().Order());
    }
}

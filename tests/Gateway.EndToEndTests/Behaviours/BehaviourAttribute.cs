using System.Globalization;
using Xunit.v3;

namespace Gateway.EndToEndTests.Behaviours;

/// <summary>The spec holds a row of the behaviours that the tool contract numbers, 1 to 38, or a part of one: <c>-trait Behaviour=14</c> runs those of a row.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class BehaviourAttribute(int row) : Attribute, ITraitAttribute
{
    public int Row { get; } = row;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Behaviour", Row.ToString(CultureInfo.InvariantCulture))];
}

using System.Text;
using System.Text.Json;
using CsCheck;
using Gateway.Policies.Documents;
using Gateway.Policies.Evaluation;
using Xunit;
using static Gateway.Tests.Policies.Texts;

namespace Gateway.Tests.Policies;

/// <summary>Whatever comes in, the engine answers.</summary>
public sealed class RandomInputSpecs
{
    private static readonly Gen<string> PathPart = Gen.OneOf("/", "..", ".", "~", "a", "ab", "\\", "\0", "é", "\ud83d\ude00", " ");

    [Fact]
    public void Random_bytes_are_faults_and_never_an_exception() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        var loaded = SnapshotLoader.Load(new DocumentFile("grants.json", bytes), [new DocumentFile("p.json", bytes)], Tools);
        Assert.Null(loaded.Snapshot);
        Assert.NotEmpty(loaded.Faults);
    });

    [Fact]
    public void A_policy_with_any_piece_cut_out_or_doubled_loads_or_is_told_what_is_wrong() =>
        Gen.Select(Policies.Any, Gen.Int[0, 4000], Gen.Int[0, 60], Gen.Bool).Sample((text, from, length, isDoubled) =>
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            var start = Math.Min(from, bytes.Length);
            var end = Math.Min(start + length, bytes.Length);
            var loaded = SnapshotLoader.LoadOne(new DocumentFile("p.json", (byte[])[.. bytes[..(isDoubled ? end : start)], .. bytes[(isDoubled ? start : end)..]]), [Alice], Tools);
            Assert.True(loaded.Snapshot is not null || loaded.Faults.Count > 0);
            Assert.All(loaded.Faults, f => Assert.NotEmpty(f.Message));
        });

    [Fact]
    public void A_path_is_under_another_or_not_or_it_cannot_be_said_and_never_both() => PathPart.Array[0, 8].Sample(parts =>
    {
        var path = string.Concat(parts);
        var arguments = JsonSerializer.Serialize(new { workingDir = path });
        var under = Refused("""{ "require": [{ "path": "args.workingDir", "op": "under", "value": "/a" }] }""", arguments) is null;
        var notUnder = Refused("""{ "require": [{ "path": "args.workingDir", "op": "not_under", "value": "/a" }] }""", arguments) is null;
        var isClear = PathText.SegmentsOf(path) is not null;

        Assert.Equal(isClear, under ^ notUnder);
        Assert.False(under && notUnder);
        Assert.Equal(!isClear || notUnder, Refused("""{ "deny_if": [{ "path": "args.workingDir", "op": "not_under", "value": "/a" }] }""", arguments) is not null);
        // The judge of the file system agrees.
        Assert.True(!under || (Path.GetFullPath(path) + "/").StartsWith("/a/", StringComparison.Ordinal));
    });

    [Fact]
    public void Numbers_are_ordered_as_decimals_are() => Gen.Select(Gen.Decimal, Gen.Decimal).Sample((one, other) =>
        Assert.Equal(one.CompareTo(other), Math.Sign(JsonNumber.Of(one).CompareTo(JsonNumber.Of(other)))));

    [Fact]
    public void Any_policy_judges_any_call() =>
        Gen.Select(Policies.Any, Gen.OneOf("{}", """{ "model": [1, "a", null, {}] }""", """{ "model": 1e999, "promptParts": { "task": "x" } }""", """{ "prompt": { "a": 1 }, "maxBudgetUsd": 3 }""")).Sample((policy, arguments) =>
            Assert.NotEqual(RefusalKinds.PolicyUnavailable, Judge(policy, arguments).Refusal?.Kind));
}

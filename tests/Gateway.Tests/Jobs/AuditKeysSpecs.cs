using System.Text.Json;
using Gateway.Jobs.Audit;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Jobs;

public sealed class AuditKeysSpecs
{
    private readonly AuditKeys keys = TestAuditKeys.Of("k1");

    [Theory]
    [InlineData("""{"a":1,"b":{"c":[1,2],"d":"ä"}}""", """{ "b": { "d": "\u00e4", "c": [1.0, 2e0] }, "a": 1 }""", true)]
    [InlineData("""{"a":1}""", """{"a":"1"}""", false)]
    [InlineData("""{"a":[1,2]}""", """{"a":[2,1]}""", false)]
    [InlineData("""{"a":null}""", "{}", false)]
    public void Spellings_of_the_same_arguments_have_one_hash_and_other_arguments_another(string one, string other, bool same) =>
        Assert.Equal(same, keys.OfArguments(JsonElement.Parse(one)) == keys.OfArguments(JsonElement.Parse(other)));

    [Fact]
    public void A_hash_names_its_key_and_cannot_be_made_with_another()
    {
        var hash = keys.OfArguments(JsonElement.Parse("{}"));
        Assert.Matches("^k1:[0-9a-f]{64}$", hash);
        Assert.NotEqual(hash[3..], TestAuditKeys.Of("k2").OfArguments(JsonElement.Parse("{}"))[3..]);
    }

    [Fact]
    public void No_hash_of_one_kind_is_one_of_another_and_parts_are_not_run_together()
    {
        Assert.NotEqual(keys.OfRecord("{}"), keys.OfLink("{}"));
        Assert.NotEqual(keys.OfRecord("{}"), keys.OfArguments(JsonElement.Parse("{}")));
        Assert.NotEqual(keys.OfRecord("ab", "c"), keys.OfRecord("a", "bc"));
        Assert.False(keys.IsOfRecord(keys.OfLink("x"), "x"));
    }

    [Fact]
    public void A_new_key_makes_new_hashes_at_once_and_those_of_the_old_one_are_known_still()
    {
        List<AuditKey> file = [TestAuditKeys.Key("old")];
        var changing = new AuditKeys(() => [.. file]);
        var before = changing.OfRecord("x");
        file.Insert(0, TestAuditKeys.Key("new"));
        changing.Refresh();
        Assert.Equal("new", AuditKeys.IdOf(changing.OfRecord("x")));
        Assert.True(changing.IsOfRecord(before, "x"));
        Assert.False(changing.IsOfRecord(before, "y"));
        file.RemoveAt(1);
        changing.Refresh();
        Assert.False(changing.IsOfRecord(before, "x"));
        Assert.False(changing.Knows("old"));
    }

    [Fact]
    public void A_file_that_has_become_unreadable_leaves_the_keys_as_they_were()
    {
        var isThere = true;
        var changing = new AuditKeys(() => isThere ? [TestAuditKeys.Key("k1")] : throw new InvalidOperationException("gone"));
        isThere = false;
        Assert.Throws<InvalidOperationException>(changing.Refresh);
        Assert.Equal("k1", changing.CurrentId);
    }
}

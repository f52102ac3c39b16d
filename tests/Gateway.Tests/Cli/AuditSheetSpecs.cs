using System.Text.Json.Nodes;
using Gateway.Cli.Audit;
using Xunit;

namespace Gateway.Tests.Cli;

public sealed class AuditSheetSpecs
{
    [Theory]
    [InlineData("\"=1+1\"", "\"'=1+1\"")]
    [InlineData("\"+1\"", "\"'+1\"")]
    [InlineData("\"-1\"", "\"'-1\"")]
    [InlineData("\"@SUM(A1)\"", "\"'@SUM(A1)\"")]
    [InlineData("\"\\t=1\"", "\"'\t=1\"")]
    [InlineData("\"\\r=1\"", "\"'\r=1\"")]
    [InlineData("[\"=1\",\"b\"]", "\"'=1 b\"")]
    [InlineData("\"a,b \\\"c\\\"\\nd\"", "\"a,b \"\"c\"\"\nd\"")]
    [InlineData("-0.5", "-0.5")]
    [InlineData("\"plain\"", "plain")]
    [InlineData("null", "")]
    public void No_cell_is_a_formula_and_none_leaves_its_place(string json, string cell) => Assert.Equal(cell, CsvSheet.Cell(JsonNode.Parse(json)));

    [Fact]
    public async Task A_row_has_a_cell_for_every_column()
    {
        await using var text = new StringWriter();
        var sheet = new CsvSheet(text);
        await sheet.WriteHeadAsync();
        await sheet.WriteAsync(new JsonObject { ["id"] = 7, ["counters"] = new JsonArray(new JsonObject { ["used"] = 1 }) });
        var lines = text.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Equal(lines[0].Count(c => c == ','), lines[1].Count(c => c == ','));
        Assert.StartsWith("7,,", lines[1], StringComparison.Ordinal);
        Assert.Contains("\"[{\"\"used\"\":1}]\"", lines[1], StringComparison.Ordinal);
    }
}

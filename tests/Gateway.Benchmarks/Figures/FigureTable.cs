using System.Globalization;
using System.Text.Json;

namespace Gateway.Benchmarks.Figures;

/// <summary>All figures, side by side for each sandbox setting.</summary>
internal sealed class FigureTable
{
    private readonly List<string> _order = [];
    private readonly Dictionary<(string What, bool Sandboxed), Figure> _figures = [];
    private readonly List<string> _faults = [];

    /// <summary>How many bars were missed, measurements that failed included.</summary>
    public int Missed => _faults.Count + _figures.Values.Count(figure => figure.Bar is { } bar && !bar.Holds(figure.Value));

    public void Add(Figure figure, bool sandboxed)
    {
        if (!_order.Contains(figure.What))
        {
            _order.Add(figure.What);
        }

        _figures[(figure.What, sandboxed)] = figure;
    }

    public void AddFault(string measure, bool sandboxed, Exception fault) =>
        _faults.Add($"{measure} (sandbox {(sandboxed ? "on" : "off")}) failed: {fault.Message}");

    public void Write(TextWriter writer)
    {
        // A column for each setting that something was measured with.
        bool[] settings = [.. ((bool[])[false, true]).Where(sandboxed => _figures.Keys.Any(key => key.Sandboxed == sandboxed))];
        string[] head = ["what", "bar", .. settings.Select(sandboxed => $"sandbox {(sandboxed ? "on" : "off")}"), ""];
        List<string[]> rows = [head, .. _order.Select(what => Row(what, settings))];
        var widths = Enumerable.Range(0, head.Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            writer.WriteLine(string.Join(" | ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
            if (row == head)
            {
                writer.WriteLine(string.Join("-|-", widths.Select(width => new string('-', width))));
            }
        }

        foreach (var what in _order)
        {
            foreach (var sandboxed in (bool[])[false, true])
            {
                if (_figures.GetValueOrDefault((what, sandboxed))?.Note is { } note)
                {
                    writer.WriteLine($"  {what}, sandbox {(sandboxed ? "on" : "off")}: {note}");
                }
            }
        }

        foreach (var fault in _faults)
        {
            writer.WriteLine(fault);
        }
    }

    public void WriteJson(string path)
    {
        using var file = File.Create(path);
        using var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
        json.WriteStartArray();
        foreach (var ((what, sandboxed), figure) in _figures)
        {
            json.WriteStartObject();
            json.WriteString("what", what);
            json.WriteBoolean("sandboxed", sandboxed);
            json.WriteNumber("value", double.IsFinite(figure.Value) ? figure.Value : -1);
            json.WriteString("unit", figure.Unit);
            if (figure.Bar is { } bar)
            {
                json.WriteString("bar", bar.ToString());
                json.WriteBoolean("ok", bar.Holds(figure.Value));
            }

            json.WriteString("note", figure.Note);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private string[] Row(string what, bool[] settings)
    {
        var all = settings.Select(sandboxed => _figures.GetValueOrDefault((what, sandboxed))).ToList();
        var figures = all.OfType<Figure>().ToList();
        var bar = figures[0].Bar;
        var verdict = bar is null ? "" : figures.All(figure => bar.Holds(figure.Value)) ? "ok" : "missed";
        return [what, bar?.ToString() ?? "", .. all.Select(Cell), verdict];
    }

    private static string Cell(Figure? figure) => figure is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{figure.Value:0.##} {figure.Unit}");
}

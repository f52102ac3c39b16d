namespace Gateway.FakeAgent.Stream;

/// <summary>What the last line will say; directives change it before it is printed.</summary>
internal sealed class Outcome
{
    public string? Answer { get; set; }

    public string Subtype { get; set; } = "success";

    public bool IsError { get; set; }

    public string TerminalReason { get; set; } = "completed";

    public int? ApiStatus { get; set; }

    public string? ApiType { get; set; }

    public string? Problem { get; set; }

    public string? Structured { get; set; }

    public List<string> Denials { get; } = [];

    public int Turns { get; set; } = 1;

    public double CostUsd { get; set; } = 0.01;

    public long InputTokens { get; set; } = 2534;

    public long OutputTokens { get; set; } = 10;

    public int ExitCode { get; set; }

    public int Results { get; set; } = 1;

    public bool Cut { get; set; }
}

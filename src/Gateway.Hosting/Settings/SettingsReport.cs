namespace Gateway.Hosting.Settings;

/// <summary>All settings of a program, and what is odd about those that somebody has set.</summary>
/// <param name="Settings">Each setting that the program has, by its key.</param>
/// <param name="Warnings">What does nothing, and secrets that others can read; none stops a start.</param>
public sealed record SettingsReport(IReadOnlyList<SettingLine> Settings, IReadOnlyList<string> Warnings);

namespace Gateway.Hosting.Settings;

/// <summary>A setting in force.</summary>
/// <param name="Key">As it is written in a file, such as <c>Edge:MaxJsonDepth</c>.</param>
/// <param name="Value">Its value; null for none, stars for a secret.</param>
/// <param name="Source">Who has set it: <c>default</c>, <c>file PATH</c>, <c>environment</c> or <c>command line</c>.</param>
public sealed record SettingLine(string Key, string? Value, string Source);

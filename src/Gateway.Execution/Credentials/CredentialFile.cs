namespace Gateway.Execution.Credentials;

/// <summary>What must hold of the file that keeps a credential's value.</summary>
public static class CredentialFile
{
    /// <summary>What is said when it cannot be read.</summary>
    internal const string Unreadable = "has a file that this worker cannot read. Give the file to the worker's user, mode 0600.";

    /// <summary>What is said when there is no value in it.</summary>
    internal const string NoValue = "is empty or more than one line. Put the value alone there.";

    /// <summary>Longest value.</summary>
    internal const int LongestValueBytes = 64 * 1024;

    private const UnixFileMode OthersMay =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute |
        UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>What is wrong with it, as the rest of a sentence that begins with the credential; null when nothing is. The value is read and told nowhere.</summary>
    /// <param name="name">Name of the credential.</param>
    /// <param name="path">The file.</param>
    public static string? FaultOf(string name, string? path) => FaultOfSetting($"{CredentialsOptions.Section}:{name}:File", path);

    /// <summary>The same of any setting that names a file with a secret.</summary>
    /// <param name="setting">Name of the setting.</param>
    /// <param name="path">The file.</param>
    public static string? FaultOfSetting(string setting, string? path)
    {
        try
        {
            var file = new FileInfo(path ?? "");
            return file switch
            {
                { Exists: false } => $"has no file. Put the value into the file that {setting} names.",
                _ when (File.GetUnixFileMode(file.FullName) & OthersMay) != 0 => "has a file that others may use. Give it mode 0600 (chmod 600).",
                { Length: > LongestValueBytes } => "has a file that is too large for a key. Put the value alone into it.",
                _ => IsValue(File.ReadAllText(file.FullName).Trim()) ? null : NoValue,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Unreadable;
        }
    }

    /// <summary>Whether a text can be a value.</summary>
    internal static bool IsValue(string text) => text.Length > 0 && !text.Any(char.IsControl);
}

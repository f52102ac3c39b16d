namespace Gateway.Nemesis.House;

/// <summary>Where the built programs and the scripts lie.</summary>
internal static class ProgramFiles
{
    public static string Api => Built("Gateway.Api");

    public static string Worker => Built("Gateway.Worker");

    public static string FakeAgent => Built("Gateway.FakeAgent");

    public static string Services => Path.Combine(Root(), "build", "services");

    private static string Built(string project) => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", project, new DirectoryInfo(AppContext.BaseDirectory).Name, project));

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The nemesis does not run from inside the repository.");
        }

        return folder.FullName;
    }
}

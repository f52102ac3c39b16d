namespace Gateway.Jobs.Sessions;

/// <summary>A conversation about to be kept.</summary>
/// <param name="Cli">One of <see cref="Gateway.Contracts.Values.AgentClis"/>.</param>
/// <param name="Description">Words of the caller, at most 200 characters.</param>
/// <param name="Workspace">Alias of the workspace that its runs work in; null for none.</param>
/// <param name="WorkingDirectory">Absolute; null for a directory that is kept with the session.</param>
/// <param name="SetAsActive">Calls that name no session go on with it from now on.</param>
public sealed record NewSession(string Cli, string? Description, string? Workspace, string? WorkingDirectory, bool SetAsActive);

namespace Gateway.Api.Mcp.Answers;

/// <summary>What is told of a session that is gone.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Cli">Its CLI.</param>
/// <param name="Description">Words of its owner.</param>
internal sealed record DeletedSession(Guid Id, string Cli, string? Description);

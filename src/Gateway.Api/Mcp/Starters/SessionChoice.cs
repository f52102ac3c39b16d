using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Sessions;
using Gateway.Api.Mcp.Tools;
using Gateway.Api.Mcp.Workspaces;
using Gateway.Contracts.Values;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Sessions;

namespace Gateway.Api.Mcp.Starters;

/// <summary>
/// Finds the conversation that a call asks for among those of its caller, and gives the request what comes of it: the exact session,
/// its directory, its turn. Whether the session is there, and the caller's, is decided where the job is stored.
/// </summary>
internal static class SessionChoice
{
    private const string Dedup = "dedup";
    private const string WorkingDirectory = "workingDir";
    private const string Workspace = "workspace";

    /// <summary>The request with its conversation.</summary>
    /// <param name="call">The call; its warnings tell when the active session was used.</param>
    /// <param name="tool">The tool that is told in faults.</param>
    /// <param name="arguments">The arguments of the starter.</param>
    /// <param name="request">What they ask for besides.</param>
    /// <param name="takesActive">The active session is gone on with when no session argument is given.</param>
    /// <param name="starter">The CLI's own rules.</param>
    /// <param name="whenFaulty">Called before faults are told.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ToolException">There is no such session, or it does not fit.</exception>
    public static async Task<RunRequest> ApplyAsync(
        ToolCall call, string tool, ParsedArguments arguments, RunRequest request, bool takesActive, Starter starter, Action<FaultList>? whenFaulty, CancellationToken cancellationToken)
    {
        var wish = SessionWish.Of(arguments);
        var session = await FindAsync(call, arguments, request, wish, takesActive, cancellationToken).ConfigureAwait(false);
        if (session is null && (wish.Id ?? wish.Newest) is not null)
        {
            // Refused where it would be stored: after the policy, so that whoever may not call learns nothing, and after a replay.
            return request with { Conversation = request.Conversation with { Resumes = SessionArguments.IdOf(wish.Id ?? ""), Forks = wish.Forks }, Dedup = false };
        }

        CheckFit(arguments, request, session, wish);
        CheckNewAlone(arguments, session, starter, wish);
        if (arguments.Faults.Count > 0)
        {
            whenFaulty?.Invoke(arguments.Faults);
            throw ToolException.InvalidInput(tool, arguments.Faults);
        }

        if (session is null)
        {
            return request;
        }

        if (wish.Forks && !session.HasBegun)
        {
            throw ToolException.Because(ErrorKinds.Conflict, $"Nothing was said yet in {session.Id} that another conversation could begin with. Wait for the end of its first job.", SessionWish.ForkSession);
        }

        // What the caller left out is the session's; a default workspace is for new conversations.
        var place = IsNamed(arguments) ? null : session.WorkingDirectory is { } directory ? starter.PlaceAt(directory) : Placement.Private;
        request = place is null ? request : request with
        {
            Workspace = place.Workspace?.Name,
            WorkingDirectory = place.Directory,
            Pool = place.Pool,
            Places = place.Work is { } work ? (request.Places ?? new RunPlaces()) with { Work = work } : null,
            Turns = [],
        };
        return request with
        {
            Conversation = request.Conversation with { Resumes = session.Id, Forks = wish.Forks },
            Turns = TurnsOf(request, session, wish),
            // The same words said twice in one conversation are two turns of it.
            Dedup = request.Dedup && arguments.Has(Dedup),
        };
    }

    /// <summary>What is told of a session that was not there when the job was to be stored.</summary>
    /// <param name="arguments">The arguments of the starter.</param>
    /// <param name="request">What they asked for.</param>
    /// <param name="sessionId">The session that was looked for.</param>
    public static ToolException Gone(ParsedArguments arguments, RunRequest request, Guid sessionId)
    {
        var wish = SessionWish.Of(arguments);
        return wish.Newest is { } newest && sessionId == Guid.Empty
            ? ToolException.NoSession($"No session of {request.Cli} {(request.WorkingDirectory is null ? "without a workingDir" : "in that workingDir")}", newest)
            : ToolException.UnknownSession(wish.Id ?? sessionId.ToString("D"), isRecorded: true);
    }

    private static List<string> TurnsOf(RunRequest request, SessionRecord session, SessionWish wish)
    {
        var keepsWorktree = session.WorktreeJson is not null && !wish.Forks;
        List<string> turns = request.Writes && request.WorkingDirectory is { } directory && request.Places?.Worktree is null && !keepsWorktree
            ? [DirectoryTurn.Of(request.Pool, directory)]
            : [];

        // A fork begins with what is there: it does not wait for a job that runs.
        if (!wish.Forks)
        {
            turns.Add(TurnKeys.OfSession(session.Id));
        }

        return turns;
    }

    private static async Task<SessionRecord?> FindAsync(
        ToolCall call, ParsedArguments arguments, RunRequest request, SessionWish wish, bool takesActive, CancellationToken cancellationToken)
    {
        var (sessions, caller) = (call.Jobs.Sessions, call.Identity.Caller);
        if (wish.Id is { } id)
        {
            return await sessions.FindAsync(caller, SessionArguments.IdOf(id), cancellationToken).ConfigureAwait(false);
        }

        if (wish.Newest is not null)
        {
            return await sessions.FindNewestAsync(caller, request.Cli, request.Workspace, request.WorkingDirectory, cancellationToken).ConfigureAwait(false);
        }

        if (wish.IsNew || !takesActive || await sessions.FindActiveAsync(caller, request.Cli, cancellationToken).ConfigureAwait(false) is not { } active)
        {
            return null;
        }

        arguments.Warnings.Add(new Warning(
            "active_session_used", $"The active session {active.Id} goes on. Send {SessionWish.CreateNewSession} for a new conversation.", SessionArguments.Id));
        return active;
    }

    // Of a session that was made and not yet used the next job is the first: it is new for the CLI.
    private static void CheckNewAlone(ParsedArguments arguments, SessionRecord? session, Starter starter, SessionWish wish)
    {
        if (session is not { JobCount: > 0 })
        {
            return;
        }

        var isActive = wish is { Id: null, Newest: null };
        foreach (var name in starter.OfNewSessions.Where(name => arguments.Flag(name) || arguments.Text(name) is not null || arguments.List(name).Count > 0))
        {
            arguments.Faults.Add(
                name, "sent", "only in a new session",
                isActive ? $"send {SessionWish.CreateNewSession}, since the active session would go on, or leave it out" : $"leave it out, or send {SessionWish.CreateNewSession} and no other session");
        }
    }

    private static bool IsNamed(ParsedArguments arguments) => arguments.Has(WorkingDirectory) || arguments.Has(Workspace);

    private static void CheckFit(ParsedArguments arguments, RunRequest request, SessionRecord? session, SessionWish wish)
    {
        if (session is null)
        {
            if (wish.Forks)
            {
                arguments.Faults.Add(SessionWish.ForkSession, "true", "a session to begin with", $"send {SessionArguments.Id} of one of session_list");
            }

            return;
        }

        if (session.Cli != request.Cli)
        {
            arguments.Faults.Add(SessionArguments.Id, session.Id.ToString("D"), $"a session of {request.Cli}", $"it is one of {session.Cli}: use {session.Cli}_request_async");
        }

        if (IsNamed(arguments) && request.WorkingDirectory is { } directory && directory != session.WorkingDirectory)
        {
            arguments.Faults.Add(WorkingDirectory, directory, "the directory of the session", $"leave it out, or send {SessionWish.CreateNewSession} and no other session");
        }
    }
}

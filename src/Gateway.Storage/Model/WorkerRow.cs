namespace Gateway.Storage.Model;

/// <summary>A worker by its last heartbeat.</summary>
public sealed class WorkerRow
{
    public Guid WorkerId { get; init; }

    public string Name { get; set; } = null!;

    public long Epoch { get; set; }

    public string Pool { get; set; } = null!;

    public int Slots { get; set; }

    public int Running { get; set; }

    public long LastHeartbeatAtMs { get; set; }

    /// <summary>What it last said of its CLIs, a JSON list; null when it has said nothing yet.</summary>
    public string? ClisJson { get; set; }

    /// <summary>What it last said of its workspaces, a JSON list; null when it has said nothing yet.</summary>
    public string? WorkspacesJson { get; set; }
}

namespace Gateway.SagaPersistence.Outbox;

internal enum SettlementKind
{
    /// <summary>Consumed, or confirmed by the broker.</summary>
    Delete,

    /// <summary>Nobody will send it again.</summary>
    Dead,

    /// <summary>Not delivered this time: the sweeper may take it after the resend delay.</summary>
    Release,
}

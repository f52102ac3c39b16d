namespace Gateway.EndToEndTests.Support;

/// <summary>A gateway with the fake agent that the specs of a class share, one after another: for those that need no setting of their own and leave nothing running.</summary>
public class SharedHouse : GatewayHouse
{
    private GatewayProcess? _gateway;

    internal GatewayProcess Gateway => _gateway!;

    private protected virtual (string Name, string Value)[] Settings => [];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _gateway = await StartAsync(Settings);
        await _gateway.Client.RunAsync("the first is the slowest");
    }
}

/// <summary>The same, with no walls around runs.</summary>
public sealed class UnwalledHouse : SharedHouse
{
    private protected override (string Name, string Value)[] Settings => [("Worker:Sandbox", "None")];
}

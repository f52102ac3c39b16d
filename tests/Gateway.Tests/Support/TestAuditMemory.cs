using Gateway.Jobs.Audit;

namespace Gateway.Tests.Support;

/// <summary>Remembers the end of the chain as long as the test host lives.</summary>
internal sealed class TestAuditMemory : IAuditMemory
{
    private volatile AuditHead? head;

    public AuditHead? Read() => head;

    public void Keep(AuditHead head) => this.head = head;
}

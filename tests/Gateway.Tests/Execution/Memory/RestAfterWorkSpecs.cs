using Gateway.Execution.Memory;
using Xunit;

namespace Gateway.Tests.Execution.Memory;

public sealed class RestAfterWorkSpecs
{
    private long allocated;

    [Fact]
    public void Rest_comes_once_after_much_was_allocated_and_not_while_more_is()
    {
        var rest = new RestAfterWork(() => allocated);

        Assert.False(After(rest, RestAfterWork.Work), "it works");
        Assert.False(After(rest, RestAfterWork.Little), "it still works");
        Assert.True(After(rest, RestAfterWork.Little - 1), "it has come to rest");
        Assert.False(After(rest, 0), "and was told so");
        Assert.False(After(rest, RestAfterWork.Work - RestAfterWork.Little), "it works again");
        Assert.False(After(rest, 0), "not enough for another time");
        Assert.True(After(rest, RestAfterWork.Little - 1) || After(rest, 1), "what comes little by little counts too");
    }

    private bool After(RestAfterWork rest, long bytes)
    {
        allocated += bytes;
        return rest.HasCome();
    }
}

using Gateway.Execution.Memory;
using Gateway.Processes.Memory;
using Gateway.Tests.Execution.Doubles;
using Gateway.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Execution.Memory;

[Collection(nameof(Alone))]
public sealed class ProgramPagesServiceSpecs
{
    [Fact]
    public async Task A_host_gives_program_pages_back_soon_after_its_start_and_again_when_many_have_come()
    {
        // As much as has to come before anything is given back, by itself.
        const int many = (int)(ProgramPagesKeeper.Many / MappedFile.PageBytes);
        using var file = new MappedFile("library.so", many);
        file.Touch();
        var clock = new FakeTimeProvider();
        using var service = new ProgramPagesService(clock, NullLogger<ProgramPagesService>.Instance);
        await service.StartAsync(CancellationToken.None);
        Assert.Equal(many, file.Resident);
        await GivenBackAsync("after the start");
        file.Touch();
        await GivenBackAsync("again");
        await service.StopAsync(CancellationToken.None);

        Task GivenBackAsync(string when) => WorkerHost.UntilAsync(
            () =>
            {
                clock.Advance(ProgramPagesKeeper.Between);
                return file.Resident == 0;
            },
            when);
    }
}

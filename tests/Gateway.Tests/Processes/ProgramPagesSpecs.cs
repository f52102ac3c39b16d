using Gateway.Processes.Memory;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Processes;

[Collection(nameof(Alone))]
public sealed class ProgramPagesSpecs
{
    private const int Pages = 200;

    private static readonly byte[] AsInTheFile = [.. Enumerable.Range(0, Pages).Select(page => (byte)page)];

    [Theory]
    [InlineData("program.dll")]
    [InlineData("library.so")]
    [InlineData("library.so.6")]
    public void Pages_of_a_program_are_given_back_and_read_the_same_again(string name)
    {
        using var file = new MappedFile(name, Pages);
        file.Touch();
        Assert.Equal(Pages, file.Resident);
        ProgramPages.GiveBack(Found(file));
        Assert.Equal(0, file.Resident);
        Assert.Equal(AsInTheFile, file.Touch());
    }

    [Fact]
    public void A_written_page_stays_and_keeps_what_was_written()
    {
        using var file = new MappedFile("library.so", Pages, written: [0, 7, 8, Pages - 1]);
        file.Touch();
        ProgramPages.GiveBack(Found(file));
        Assert.Equal(4, file.Resident);
        byte[] expected = [.. AsInTheFile];
        expected[0] = expected[7] = expected[8] = expected[Pages - 1] = 255;
        Assert.Equal(expected, file.Touch());
    }

    [Theory]
    [InlineData("library.so", true)]
    [InlineData("data", false)]
    [InlineData("so", false)]
    public void What_can_be_written_or_is_no_program_is_not_looked_for(string name, bool writable)
    {
        using var file = new MappedFile(name, Pages, writable);
        file.Touch();
        Assert.Empty(Found(file));
    }

    [Fact]
    public void What_one_look_finds_is_given_back_by_the_next_one()
    {
        using var early = new MappedFile("early.so", Pages);
        early.Touch();
        var pages = new ProgramPagesKeeper(() => ProgramPagesKeeper.Many);
        pages.Look();
        Assert.Equal(Pages, early.Resident);
        using var late = new MappedFile("late.so", Pages);
        late.Touch();
        pages.Look();
        Assert.Equal((0, Pages), (early.Resident, late.Resident));
    }

    [Fact]
    public void Nothing_is_given_back_before_many_pages_have_come_since_the_last_time()
    {
        const long Rest = 5 << 20;
        using var file = new MappedFile("library.so", Pages);
        file.Touch();
        var resident = ProgramPagesKeeper.Many - 1;
        var pages = new ProgramPagesKeeper(() => resident);
        pages.Look();
        pages.Look();
        pages.Look();
        Assert.Equal(Pages, file.Resident);

        // The first look above the bound finds, the second gives back; what is resident then is the new bottom.
        var told = new Queue<long>([ProgramPagesKeeper.Many, ProgramPagesKeeper.Many, Rest]);
        pages = new ProgramPagesKeeper(() => told.Count > 0 ? told.Dequeue() : resident);
        pages.Look();
        pages.Look();
        Assert.Equal(0, file.Resident);
        file.Touch();
        resident = Rest + ProgramPagesKeeper.Many - 1;
        pages.Look();
        Assert.Equal(Pages, file.Resident);
        resident++;
        pages.Look();
        Assert.Equal(0, file.Resident);
    }

    [Fact]
    public void Work_that_takes_its_pages_back_at_once_is_looked_at_once_more()
    {
        using var file = new MappedFile("library.so", Pages);
        var resident = ProgramPagesKeeper.Many;
        var pages = new ProgramPagesKeeper(() => resident);
        pages.Look();
        pages.Look();

        resident *= 2;
        for (var look = 0; look < 2; look++)
        {
            file.Touch();
            pages.Look();
            Assert.Equal(0, file.Resident);
        }

        file.Touch();
        pages.Look();
        Assert.Equal(Pages, file.Resident);
    }

    [Fact]
    public void Resident_bytes_of_programs_are_counted()
    {
        const int many = 16_000;
        using var file = new MappedFile("library.so", many);
        var before = ProgramPages.SharedBytes();
        file.Touch();
        // The kernel counts in portions for each processor.
        Assert.InRange(ProgramPages.SharedBytes() - before, many / 2L * MappedFile.PageBytes, (many + 4000L) * MappedFile.PageBytes);
    }

    private static List<ProgramPages.Mapping> Found(MappedFile file) => [.. ProgramPages.Find().Where(mapping => mapping.Start <= file.Start && file.Start < mapping.End)];
}

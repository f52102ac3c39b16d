using System.Runtime.InteropServices;

namespace Gateway.Tests.Support;

/// <summary>Lets two names change places as fast as it can, each time in one step: somebody who races against a check.</summary>
internal sealed partial class Swapper : IDisposable
{
    private const int Here = -100;
    private const uint Exchange = 2;

    private readonly Thread thread;
    private volatile bool done;

    public Swapper(string one, string other)
    {
        thread = new Thread(() =>
        {
            // An even number of times, so that in the end everything has its own name.
            while (!done)
            {
                _ = Rename(Here, one, Here, other, Exchange);
                _ = Rename(Here, one, Here, other, Exchange);
            }
        });
        thread.Start();
    }

    public void Dispose()
    {
        done = true;
        thread.Join();
    }

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(int folder, string one, int otherFolder, string other, uint flags);
}

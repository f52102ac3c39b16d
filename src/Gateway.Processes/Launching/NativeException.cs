using System.Runtime.InteropServices;

namespace Gateway.Processes.Launching;

/// <summary>A Linux call that failed.</summary>
internal sealed class NativeException(string call, int error)
    : IOException($"{call} failed: {Marshal.GetPInvokeErrorMessage(error)} (error {error})")
{
    public int Error { get; } = error;

    /// <summary>Whether descriptors, processes or memory ran out, rather than something being wrong with the request.</summary>
    public bool IsOutOfResources => Error is Native.TryAgain or Native.NoMemory or Native.TooManyOpen or Native.TooManyInSystem;
}

using System.Diagnostics.CodeAnalysis;
using Gateway.Processes.Launching;

namespace Gateway.Processes.Runner;

/// <summary>One worker's connection, seen from the runner's loop: never blocks, holds what is half read and half written.</summary>
internal sealed class ServerConnection(int descriptor) : IDisposable
{
    private const int ReadBytes = 16 * 1024;
    private byte[] _in = new byte[ReadBytes];
    private int _inLength;
    private byte[] _out = [];
    private int _outFrom;

    public int Descriptor { get; } = descriptor;

    /// <summary>Whether the other side is gone, or has said something that is not our protocol.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Whether bytes wait that the other side has not taken; announcements are held back meanwhile.</summary>
    public bool IsBehind => _outFrom < _out.Length;

    /// <summary>Takes all bytes that are there.</summary>
    public void Receive()
    {
        while (true)
        {
            if (_in.Length - _inLength < ReadBytes)
            {
                Array.Resize(ref _in, _in.Length * 2);
            }

            var count = Native.Read(Descriptor, _in.AsSpan(_inLength));
            if (count > 0)
            {
                _inLength += count;
            }

            if (count == -Native.TryAgain || (count > 0 && _inLength > RunnerFrame.LimitBytes))
            {
                return;
            }

            if (count <= 0 && count != -Native.Interrupted)
            {
                IsBroken = true;
                return;
            }
        }
    }

    /// <summary>The next whole request.</summary>
    /// <exception cref="InvalidDataException">It is not one of this protocol.</exception>
    public bool TryTake([NotNullWhen(true)] out RunnerRequest? request)
    {
        request = null;
        if (_inLength < RunnerFrame.HeaderBytes)
        {
            return false;
        }

        var end = RunnerFrame.HeaderBytes + RunnerFrame.Length(_in);
        if (_inLength < end)
        {
            return false;
        }

        request = ServerJson.ReadRequest(_in.AsSpan(RunnerFrame.HeaderBytes, end - RunnerFrame.HeaderBytes));
        var rest = _in.AsSpan(end, _inLength - end);
        rest.CopyTo(_in);
        _inLength = rest.Length;

        // The frame may have held a secret.
        _in.AsSpan(_inLength, end).Clear();
        if (_in.Length > 16 * ReadBytes && _inLength < ReadBytes)
        {
            Array.Resize(ref _in, 2 * ReadBytes);
        }

        return true;
    }

    public void Send(RunnerReply reply)
    {
        _out = [.. _out.AsSpan(_outFrom), .. RunnerFrame.Encode(ServerJson.Write(reply))];
        _outFrom = 0;
        Flush();
    }

    /// <summary>Writes what the other side takes now.</summary>
    public void Flush()
    {
        while (IsBehind)
        {
            var count = Native.Write(Descriptor, _out.AsSpan(_outFrom));
            if (count < 0)
            {
                IsBroken |= count is not (-Native.TryAgain or -Native.Interrupted);
                return;
            }

            _outFrom += count;
        }

        (_out, _outFrom) = ([], 0);
    }

    public void Dispose() => Native.Close(Descriptor);
}

namespace Gateway.Processes.Launching;

/// <summary>Which directory of this machine it is, by whatever name it is reached.</summary>
/// <param name="Device">The file system.</param>
/// <param name="Inode">Its number there.</param>
public readonly record struct DirectoryIdentity(ulong Device, ulong Inode);

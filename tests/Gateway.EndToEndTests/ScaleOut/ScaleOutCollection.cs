using Xunit;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary>Each of these specs has half a dozen processes: one at a time is enough for the machine.</summary>
[CollectionDefinition("scale-out")]
public sealed class ScaleOutCollection;

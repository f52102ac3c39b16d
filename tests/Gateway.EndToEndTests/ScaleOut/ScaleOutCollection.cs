using Xunit;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary>Each of these specs has half a dozen processes: one at a time is enough for the machine.</summary>
[CollectionDefinition("scale-out")]
public sealed class ScaleOutCollection;

/// <summary>Those that wait for an outage to end most of the time, beside the others.</summary>
[CollectionDefinition("scale-out-outages")]
public sealed class ScaleOutOutageCollection;

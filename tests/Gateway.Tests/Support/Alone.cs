using Xunit;

namespace Gateway.Tests.Support;

/// <summary>For classes that look at the whole process: no other test runs meanwhile.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

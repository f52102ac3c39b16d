using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Support;

/// <summary>Where the jobs of one test are kept; gone with the test.</summary>
internal interface ITestStore : IDisposable
{
    /// <summary>What a gateway is told to use it.</summary>
    IEnumerable<KeyValuePair<string, string?>> Settings { get; }

    /// <summary>Hangs an interceptor on every context of a host that uses it.</summary>
    void Intercept(IServiceCollection services, IInterceptor interceptor);
}

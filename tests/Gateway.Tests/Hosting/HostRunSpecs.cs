using Gateway.Hosting.Startup;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Gateway.Tests.Hosting;

public sealed class HostRunSpecs
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_start_that_fails_stops_what_has_started_before_it_is_disposed_and_tells_its_cause_alone(bool cannotStop)
    {
        var lives = new List<string>();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<IHostedService>(_ => new Part(lives, fails: false)).AddSingleton<IHostedService>(_ => new Part(lives, fails: true, cannotStop));

        var problem = await Assert.ThrowsAsync<IOException>(() => builder.Build().RunToEndAsync());

        Assert.Equal("the port is taken", problem.Message);
        Assert.Equal(["started", "stopped", "disposed"], lives);
    }

    [Fact]
    public async Task A_host_that_is_told_to_stop_is_stopped_and_disposed()
    {
        var lives = new List<string>();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<IHostedService>(_ => new Part(lives, fails: false));
        var host = builder.Build();
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication);

        await host.RunToEndAsync();

        Assert.Equal(["started", "stopped", "disposed"], lives);
    }

    private sealed class Part(List<string> lives, bool fails, bool cannotStop = false) : IHostedService, IDisposable
    {
        public Task StartAsync(CancellationToken cancellationToken) => fails ? throw new IOException("the port is taken") : NoteAsync("started");

        public Task StopAsync(CancellationToken cancellationToken) => cannotStop ? throw new InvalidOperationException("never started") : fails ? Task.CompletedTask : NoteAsync("stopped");

        public void Dispose()
        {
            if (!fails)
            {
                lives.Add("disposed");
            }
        }

        private Task NoteAsync(string what)
        {
            lives.Add(what);
            return Task.CompletedTask;
        }
    }
}

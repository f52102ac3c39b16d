using Gateway.Api.Auth;
using Gateway.Api.Auth.SignIn;
using Gateway.Api.Auth.Tokens;
using Gateway.Api.Edge;
using Gateway.Api.Edge.Tls;
using Gateway.Hosting.Health;
using Gateway.Hosting.Settings;
using Gateway.Jobs.Audit;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

#pragma warning disable IDE0130 // Registrations live where hosts look for them (STYLE 16).
namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers who may call, and what a request must look like.</summary>
public static class GatewayAuthServiceCollectionExtensions
{
    /// <summary>Adds the ways to be known (the generated key, keys of the store, tokens), and the checks of Host, Origin and size.</summary>
    /// <param name="services">The services.</param>
    /// <param name="key">The key of the data folder.</param>
    public static IServiceCollection AddGatewayAuth(this IServiceCollection services, ApiKey key)
    {
        services.AddSingleton(key);
        services.AddOptions<AuthOptions>().BindConfiguration(AuthOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AuthOptions>, AuthOptionsValidator>();
        services.AddSingleton<Identities>();
        AddScheme(services);
        AddKeyRing(services);
        AddAuditKeys(services);
        AddSignIn(services);
        services.AddAuthorization();
        AddEdge(services);
        AddServer(services);
        AddTls(services);
        services.AddHealthChecks();
        return services;
    }

    /// <summary>The core alone: <c>AddAuthentication</c> would also bring data protection, which makes keys in the user's home at every first start and which nothing here uses.</summary>
    private static void AddScheme(IServiceCollection services)
    {
        services.AddAuthenticationCore(options =>
        {
            options.DefaultScheme = CredentialHandler.SchemeName;
            options.AddScheme<CredentialHandler>(CredentialHandler.SchemeName, null);
        });
        services.AddTransient<CredentialHandler>();
        services.AddWebEncoders();
    }

    // Opened when the host starts, and not by who only asks whether it would.
    private static void AddKeyRing(IServiceCollection services)
    {
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<AuthOptions>>().Value.PepperFile is { Length: > 0 } named
            ? Peppers.Open(named, mayCreate: false)
            : Peppers.Open(Path.Combine(provider.GetRequiredService<IOptions<DataOptions>>().Value.Folder, Peppers.FileName), mayCreate: true));
        services.AddSingleton(provider => provider.GetRequiredService<Peppers>().ToCallSeal());
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<KeyRing>().AddSingleton<KeyDesk>().AddSingleton<TokenVerifier>();
        services.AddHostedService<KeyUseNotes>();
    }

    private static void AddAuditKeys(IServiceCollection services) => services
        .AddSingleton(provider => AuditKeyFile.Open(provider.GetRequiredService<IOptions<AuditOptions>>().Value.KeyFile, provider.GetRequiredService<IOptions<DataOptions>>().Value.Folder))
        .AddSingleton<IAuditMemory, AuditMemoryFile>();

    private static void AddSignIn(IServiceCollection services)
    {
        services.AddOptions<SignInOptions>().BindConfiguration(SignInOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SignInOptions>, SignInOptionsValidator>();
        services.AddSingleton<SignInLimiter>().AddSingleton<FailedSignIns>().AddHostedService(provider => provider.GetRequiredService<FailedSignIns>());
    }

    private static void AddEdge(IServiceCollection services)
    {
        services.AddOptions<EdgeOptions>().BindConfiguration(EdgeOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<EdgeOptions>, EdgeOptionsValidator>().AddSingleton<IValidateOptions<EdgeOptions>, EdgeRulesValidator>();
        services.AddSingleton<IPostConfigureOptions<ForwardedHeadersOptions>, ProxyTrust>();
        services.AddHostFiltering(options => options.AllowEmptyHosts = false);
        services.AddOptions<HostFilteringOptions>().Configure<IOptions<EdgeOptions>>((hosts, edge) =>
            hosts.AllowedHosts = [.. LoopbackNames.All, .. edge.Value.AllowedHosts]);
    }

    private static void AddServer(IServiceCollection services)
    {
        services.AddOptions<LimitOptions>().BindConfiguration(LimitOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<LimitOptions>, LimitOptionsValidator>();
        services.AddSingleton<AddressLimit>().AddSingleton<IConfigureOptions<KestrelServerOptions>, KestrelSetup>();
        services.AddOptions<ListenAddresses>().ValidateOnStart();
        services.AddSingleton<IValidateOptions<ListenAddresses>, ListenRules>();
    }

    private static void AddTls(IServiceCollection services)
    {
        services.AddOptions<TlsOptions>().BindConfiguration(TlsOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TlsOptions>, TlsOptionsValidator>().AddSingleton<IValidateOptions<TlsOptions>, TlsRulesValidator>();
        services.AddSingleton<ServerCertificate>().AddHostedService<CertificateWatch>();
        services.AddOptions<HealthCheckServiceOptions>().Configure<IOptions<TlsOptions>>((checks, tls) =>
        {
            if (tls.Value.IsOn)
            {
                checks.Registrations.Add(new HealthCheckRegistration(CertificateCheck.Name, provider => ActivatorUtilities.CreateInstance<CertificateCheck>(provider), null, [HealthChecks.ReadyTag]));
            }
        });
    }
}

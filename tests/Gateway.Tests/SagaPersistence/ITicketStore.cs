using Microsoft.EntityFrameworkCore;

namespace Gateway.Tests.SagaPersistence;

/// <summary>A database for tickets that outlives the hosts on it.</summary>
internal interface ITicketStore : IDisposable
{
    void Use(DbContextOptionsBuilder options);

    /// <summary>Makes the tables when they are not there.</summary>
    void Create(DbContext db);
}

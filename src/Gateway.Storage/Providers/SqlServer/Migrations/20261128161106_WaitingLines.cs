using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Gateway.Storage.Providers.SqlServer.Migrations
{
    /// <inheritdoc />
    public partial class WaitingLines : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_Jobs_Pool_Priority_Tenant_Grant_Tool_DueAtMs",
                table: "Jobs",
                columns: new[] { "Pool", "Priority", "Tenant", "Grant", "Tool", "DueAtMs" },
                filter: "\"CurrentState\" = 'Queued' AND \"ReleasedAtMs\" IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Jobs_Pool_Priority_Tenant_Grant_Tool_DueAtMs",
                table: "Jobs");
        }
    }
}

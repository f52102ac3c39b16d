using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Gateway.Storage.Providers.PostgreSql.Migrations
{
    /// <inheritdoc />
    public partial class OpenJobs : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.InsertData(
                table: "Locks",
                columns: new[] { "Name", "Holder", "Taken", "UntilMs" },
                values: new object[] { "audit", null, 0L, 0L });

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_Tenant_Grant",
                table: "Jobs",
                columns: new[] { "Tenant", "Grant" },
                filter: "\"FinishedAtMs\" IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Jobs_Tenant_Grant",
                table: "Jobs");

            migrationBuilder.DeleteData(
                table: "Locks",
                keyColumn: "Name",
                keyValue: "audit");
        }
    }
}
